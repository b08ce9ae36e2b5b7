// Findings in the editor: a mark in the margin, a line under the words, and the explanation below the line.

import { type Action, type Diagnostic, lintGutter, linter } from "@codemirror/lint";
import { StateEffect, StateField, type Extension, type Range, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { lint } from "../api.ts";
import { h, prose } from "../dom.ts";
import { icon } from "../icons.ts";
import type { Finding, Position } from "../protocol.ts";
import { t } from "../strings.ts";
import { severityIcon } from "./severity.ts";

export function offsetOf(doc: Text, position: Position): number {
  const line = doc.line(Math.min(Math.max(position.line, 1), doc.lines));
  return Math.min(line.from + Math.max(position.column_utf16 - 1, 0), line.to);
}

/** Applies the fix of a finding if the text is still the one that it was made for. */
function applyFix(view: EditorView, finding: Finding, text: Text): void {
  const fix = finding.fix;
  if (fix === null || !view.state.doc.eq(text)) return;
  view.dispatch({
    changes: { from: offsetOf(text, fix.start), to: offsetOf(text, fix.end), insert: fix.text },
    userEvent: "input.fix",
  });
  view.focus();
}

const setFindings = StateEffect.define<DecorationSet>();

const shownBelow = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setFindings)) return effect.value;
    return value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

class Explanation extends WidgetType {
  constructor(
    private readonly finding: Finding,
    private readonly text: Text,
  ) {
    super();
  }

  override eq(other: Explanation): boolean {
    return JSON.stringify(other.finding) === JSON.stringify(this.finding) && other.text.eq(this.text);
  }

  override toDOM(view: EditorView): HTMLElement {
    const { finding } = this;
    return h("div", { class: "finding-space" },
      h("div", { class: `finding-below finding-${finding.severity}` },
        icon(severityIcon[finding.severity]),
        h("div", {},
          h("p", {}, h("span", { class: "unseen" }, `${t.severities[finding.severity]}: `), prose(finding.message)),
          finding.why !== "" && h("p", { class: "finding-why" }, prose(finding.why)),
          finding.mistake !== undefined && h("p", { class: "finding-why" }, prose(t.fromTheNotes(finding.mistake))),
          finding.fix !== null &&
            h("button", { type: "button", class: "link", onclick: () => applyFix(view, finding, this.text) },
              icon("fix"), h("span", {}, prose(finding.fix.title))))));
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

function decorations(doc: Text, findings: Finding[]): DecorationSet {
  const below: Range<Decoration>[] = findings
    .filter((finding) => finding.severity !== "info")
    .map((finding) => {
      const line = doc.lineAt(offsetOf(doc, finding.start));
      return Decoration.widget({ widget: new Explanation(finding, doc), block: true, side: 1 }).range(line.to);
    });
  return Decoration.set(below, true);
}

function diagnostic(doc: Text, finding: Finding): Diagnostic {
  const from = offsetOf(doc, finding.start);
  const actions: Action[] =
    finding.fix === null ? [] : [{ name: finding.fix.title.replaceAll("`", ""), apply: (view) => applyFix(view, finding, doc) }];
  return {
    from,
    to: Math.max(from, offsetOf(doc, finding.end)),
    severity: finding.severity,
    source: finding.rule,
    message: finding.message,
    renderMessage: () =>
      h("div", { class: "finding-tip" },
        h("p", {}, prose(finding.message)),
        finding.why !== "" && h("p", { class: "finding-why" }, prose(finding.why)),
        h("p", { class: "finding-rule" }, [finding.rule, ...finding.aliases].join(" · "))),
    actions,
  };
}

/** Asks the server about the text some time after the last key. `path` decides what the text is. */
export function findingsFor(path: string): Extension {
  const source = async (view: EditorView): Promise<Diagnostic[]> => {
    const doc = view.state.doc;
    let findings: Finding[];
    try {
      findings = await lint(path, doc.toString());
    } catch {
      // Offline the editor goes on without remarks; the status bar says that the server is away.
      return [];
    }
    if (!view.state.doc.eq(doc)) return [];
    view.dispatch({ effects: setFindings.of(decorations(doc, findings)) });
    return findings.map((finding) => diagnostic(doc, finding));
  };
  return [shownBelow, linter(source, { delay: 300 }), lintGutter()];
}
