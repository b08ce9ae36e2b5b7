// One finished check: what was seen, what was expected, and the findings that lead to the line in the editor.

import { h, prose } from "../dom.ts";
import { severityIcon } from "../editor/severity.ts";
import { icon, type IconName } from "../icons.ts";
import type { CheckResult, CheckStatus, Finding } from "../protocol.ts";
import { t } from "../strings.ts";

export type Jump = (finding: Finding) => void;

export const statusIcon: Record<CheckStatus, IconName> = { pass: "done", fail: "fail", error: "fault", skipped: "skip" };

export function resultRow(result: CheckResult, jump: Jump): HTMLElement {
  const points = result.max_points > 0 && h("span", { class: "points" }, t.points(result.points, result.max_points));
  return h("li", { class: `result result-${result.status}` },
    h("p", { class: "result-head" },
      icon(statusIcon[result.status]),
      h("span", { class: "result-title" }, prose(result.title)),
      h("span", { class: "result-word" }, t.statuses[result.status]),
      points),
    result.message !== "" && h("p", { class: "result-message" }, prose(result.message)),
    comparison(result),
    result.findings.length > 0 && h("ul", { class: "findings" }, ...result.findings.map((one) => findingRow(one, jump))));
}

function comparison(result: CheckResult): HTMLElement | false {
  if (result.status === "pass" || (result.expected === null && result.actual === null)) return false;
  return h("dl", { class: "comparison" },
    ...(result.expected === null ? [] : [h("dt", {}, t.expected), h("dd", {}, h("code", {}, result.expected))]),
    ...(result.actual === null ? [] : [h("dt", {}, t.actual), h("dd", {}, h("code", {}, result.actual))]));
}

function findingRow(finding: Finding, jump: Jump): HTMLElement {
  return h("li", { class: `finding finding-${finding.severity}` },
    h("button", { type: "button", class: "finding-jump", title: t.jumpToLine, onclick: () => jump(finding) },
      icon(severityIcon[finding.severity]),
      h("span", { class: "unseen" }, `${t.severities[finding.severity]}: `),
      h("span", { class: "finding-place" }, t.place(finding.file, finding.start.line)),
      h("span", {}, prose(finding.message)),
      icon("jump")),
    finding.why !== "" && h("p", { class: "finding-why" }, prose(finding.why)),
    finding.mistake !== undefined && h("p", { class: "finding-why" }, prose(t.fromTheNotes(finding.mistake))));
}
