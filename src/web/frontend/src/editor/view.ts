// The CodeMirror view. Loaded when a file is first opened; one view shows one document after the other.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, EditorState, Transaction, type Extension } from "@codemirror/state";
import {
  EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
import { nonce } from "../csp.ts";
import { t } from "../strings.ts";
import { difference } from "./difference.ts";
import type { FileDocument } from "./document.ts";
import { findingsFor, offsetOf } from "./findings.ts";
import { colors, isDockerfile, languageOf } from "./languages.ts";
import type { Position } from "../protocol.ts";

/** Marks changes that did not come from the learner's keys. */
const external = Annotation.define<boolean>();

export class CodeView {
  private readonly view: EditorView;
  private readonly states = new Map<string, EditorState>();
  private document: FileDocument | undefined;

  constructor(
    box: HTMLElement,
    private readonly check: () => void,
  ) {
    this.view = new EditorView({ parent: box });
  }

  open(document: FileDocument): void {
    this.keep();
    this.document = document;
    const state = this.states.get(document.path) ?? this.begin(document);
    this.view.setState(state);
    // While the file was not shown its text may have moved on.
    this.replace(document, document.text, false);
  }

  /** Brings in a text from outside. The cursor and the scroll position stay where they are in the unchanged part. */
  replace(document: FileDocument, text: string, undoable: boolean): void {
    if (document !== this.document) {
      const state = this.states.get(document.path);
      if (state !== undefined) this.states.set(document.path, state.update(replacement(state, text, undoable)).state);
      return;
    }
    this.view.dispatch(replacement(this.view.state, text, undoable));
  }

  jump(position: Position): void {
    const at = offsetOf(this.view.state.doc, position);
    this.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.view.focus();
  }

  focus(): void {
    this.view.focus();
  }

  forget(path: string): void {
    this.states.delete(path);
  }

  private keep(): void {
    if (this.document !== undefined) this.states.set(this.document.path, this.view.state);
  }

  private begin(document: FileDocument): EditorState {
    const listen = EditorView.updateListener.of((update) => {
      const outside = update.transactions.some((transaction) => transaction.annotation(external) === true);
      if (update.docChanged && !outside) document.edit(update.state.doc.toString());
    });
    return EditorState.create({ doc: document.text, extensions: [extensions(document, this.check), listen] });
  }
}

function replacement(state: EditorState, text: string, undoable: boolean) {
  const changes = difference(state.doc.toString(), text);
  if (changes === null) return {};
  return { changes, annotations: [external.of(true), Transaction.addToHistory.of(undoable)] };
}

/**
 * Text over a selection is put in by us. A browser would carry the colours of the selected words over to the new ones by
 * an inline style, which the Content-Security-Policy refuses and reports.
 */
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const plain = event.inputType === "insertText" && !event.isComposing && event.data !== null;
    if (!plain || view.composing || view.state.selection.main.empty || view.state.readOnly) return false;
    view.dispatch(view.state.replaceSelection(event.data ?? ""), { userEvent: "input.type", scrollIntoView: true });
    event.preventDefault();
    return true;
  },
});

function extensions(document: FileDocument, check: () => void): Extension {
  const { path } = document;
  return [
    EditorView.cspNonce.of(nonce),
    EditorState.phrases.of(t.editorPhrases),
    // Line ends are kept as they are: a file with CR LF stays one, and shows that it is.
    EditorState.lineSeparator.of("\n"),
    EditorState.tabSize.of(4),
    indentUnit.of(/\.py$/.test(path) ? "    " : "  "),
    typeOver,
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": t.editorLabel(path), spellcheck: "false", autocapitalize: "off" }),
    keymap.of([
      // The browser would offer to save the page.
      { key: "Mod-s", run: () => (void document.flush(), true), preventDefault: true },
      { key: "Ctrl-Enter", mac: "Cmd-Enter", run: () => (check(), true) },
      { key: "Ctrl-Enter", run: () => (check(), true) },
      ...lintKeymap, ...searchKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab,
    ]),
    languageOf(path),
    colors,
    isDockerfile(path) ? findingsFor(path) : [],
  ];
}
