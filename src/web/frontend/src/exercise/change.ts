// The same questions, asked at the beginning and again at the end: what has changed.

import { h, prose } from "../dom.ts";
import type { CheckResult, EarlierAnswer, ExerciseState } from "../protocol.ts";
import { t } from "../strings.ts";

export interface Change {
  /** From 1, as on the page. */
  number: number;
  before: EarlierAnswer;
  right: boolean;
}

/** The questions that were answered both times, in the page's order. */
export function changes(before: readonly EarlierAnswer[], now: readonly CheckResult[]): Change[] {
  return now.flatMap((result, index) => {
    const earlier = before.find((one) => one.check === result.id);
    if (earlier === undefined) return [];
    return [{ number: index + 1, before: earlier, right: result.status === "pass" }];
  });
}

/** What stands under the answers, once they were checked; nothing where there is nothing to compare. */
export function changeView(state: ExerciseState | undefined): HTMLElement | undefined {
  if (state?.report == null) return undefined;
  const all = changes(state.before, state.report.checks);
  if (all.length === 0) return undefined;
  const right = (one: Change) => one.right;
  const lines = all.map((one) =>
    h("li", { class: one.right && !one.before.right ? "change-better" : "" },
      prose(t.changeLine(one.number, one.before.right, one.right)),
      !one.before.right && one.before.answer !== null && h("span", { class: "quiet" }, ` ${t.changeAnswer(one.before.answer)}`)));
  return h("details", { class: "change", open: true },
    h("summary", {}, t.changeSummary(all.filter((one) => one.before.right).length, all.filter(right).length, all.length)),
    h("ul", {}, ...lines));
}
