// The three steps of a check, as they come: the text, the build, the running container.

import { freshId, h, prose, replace } from "../dom.ts";
import { icon } from "../icons.ts";
import type { CheckEvent, CheckResult, Report, Stage } from "../protocol.ts";
import { t } from "../strings.ts";
import { type Jump, resultRow } from "./results.ts";

type StageState = "waiting" | "running" | "pass" | "fail" | "error" | "skipped";

const icons = { waiting: "wait", running: "ready", pass: "done", fail: "fail", error: "fault", skipped: "skip" } as const;
const stages: Stage[] = ["text", "build", "run"];
/** Lines of build output that are kept; a runaway build must not fill the page. */
const mostLines = 2000;

class StageView {
  readonly element: HTMLElement;
  private readonly head = h("p", { class: "stage-head" });
  private readonly results = h("ul", { class: "results" });
  private readonly build = h("ol", { class: "build-steps", hidden: true });
  private readonly output = h("pre", { class: "build-output", tabindex: 0 });
  private readonly fold = h("details", { class: "build-fold", hidden: true }, h("summary", {}, t.buildOutput), this.output);
  private readonly statuses: CheckResult["status"][] = [];
  private rows = 0;
  state: StageState = "waiting";

  constructor(readonly stage: Stage) {
    this.element = h("li", { class: "stage" }, this.head, this.build, this.fold, this.results);
    this.become("waiting");
  }

  become(state: StageState): void {
    this.state = state;
    this.element.className = `stage stage-${state}`;
    replace(this.head, icon(icons[state]), h("span", { class: "stage-name" }, t.stages[this.stage]),
      h("span", { class: "stage-word" }, t.stageStates[state]));
  }

  /** `elsewhere`: the result is shown at its question. */
  add(result: CheckResult, jump: Jump, elsewhere: boolean): void {
    this.statuses.push(result.status);
    if (!elsewhere) this.results.appendChild(resultRow(result, jump));
  }

  /** No more checks of this stage come. */
  finish(): void {
    const has = (status: CheckResult["status"]) => this.statuses.includes(status);
    if (this.statuses.length === 0) this.become(this.state === "waiting" ? "skipped" : "pass");
    else if (has("error")) this.become("error");
    else if (has("fail")) this.become("fail");
    else if (has("pass")) this.become("pass");
    else this.become("skipped");
  }

  beginStep(step: number, of: number, text: string): void {
    this.endStep();
    this.build.hidden = false;
    const row = h("li", { class: "build-step is-running", "data-step": step },
      h("span", { class: "build-number" }, `${step}/${of}`), h("code", {}, text), h("span", { class: "build-word" }, t.stepRunning));
    this.build.appendChild(row);
  }

  cached(step: number): void {
    const row = this.build.querySelector(`[data-step="${step}"]`);
    row?.classList.add("is-cached");
    this.endStep();
  }

  /** `failed`: the build stopped at this step. */
  endStep(failed = false): void {
    const row = this.build.lastElementChild;
    if (row === null || !row.classList.contains("is-running")) {
      if (!failed || row === null) return;
    }
    row.classList.remove("is-running");
    if (failed) row.classList.add("is-failed");
    const word = row.querySelector(".build-word");
    const cached = row.classList.contains("is-cached");
    if (word !== null) replace(word, ...(failed ? [icon("fail"), t.stepFailed] : cached ? [icon("done"), t.stepCached] : [icon("done"), t.stepDone]));
  }

  line(text: string): void {
    this.fold.hidden = false;
    this.output.append(`${text}\n`);
    this.rows += 1;
    if (this.rows > mostLines) this.output.firstChild?.remove();
  }

  openFold(): void {
    this.fold.open = true;
  }
}

export class Steps {
  readonly element: HTMLElement;
  private readonly label = freshId("steps");
  private readonly views = new Map(stages.map((stage) => [stage, new StageView(stage)]));
  private readonly summary = h("p", { class: "summary", hidden: true });
  private now: StageView | undefined;

  constructor(
    private readonly jump: Jump,
    /** Checks whose results stand at their questions. */
    private readonly elsewhere: ReadonlySet<string> = new Set(),
    /** Whether no other checks are known: then there are no steps to look at. */
    bare = false,
  ) {
    this.element = h("div", { class: "check-run", "aria-labelledby": this.label },
      h("p", { class: "unseen", id: this.label }, t.checkResult),
      this.summary,
      h("ol", { class: "stages", hidden: bare }, ...[...this.views.values()].map((view) => view.element)));
  }

  take(event: CheckEvent): void {
    const build = this.views.get("build");
    switch (event.type) {
      case "stage":
        this.now?.finish();
        this.now = this.views.get(event.stage);
        this.now?.become("running");
        break;
      case "build-step":
        build?.beginStep(event.step, event.of, event.text);
        break;
      case "build-cached":
        build?.cached(event.step);
        break;
      case "build-output":
        build?.line(event.line);
        break;
      case "check": {
        const { result } = event;
        this.views.get(result.stage)?.add(result, this.jump, this.elsewhere.has(result.id));
        if (result.stage === "build") build?.endStep(result.status === "fail");
        if (result.stage === "build" && result.status === "fail") build?.openFold();
        break;
      }
      case "done":
        this.finish(event.report);
    }
  }

  /** A report from before: the same view without the build's steps. */
  show(report: Report): void {
    for (const result of report.checks) this.views.get(result.stage)?.add(result, this.jump, this.elsewhere.has(result.id));
    this.finish(report);
  }

  private finish(report: Report): void {
    for (const view of this.views.values()) {
      view.finish();
      view.element.hidden = !report.checks.some((result) => result.stage === view.stage);
    }
    const faulty = report.checks.some((result) => result.status === "error");
    const name = report.passed ? "done" : faulty ? "fault" : "fail";
    const text = report.passed ? t.passed : faulty ? t.checkFault : t.notYet;
    this.summary.hidden = false;
    this.summary.className = `summary ${report.passed ? "summary-pass" : faulty ? "summary-error" : "summary-fail"}`;
    replace(this.summary, icon(name), h("strong", {}, prose(text)), h("span", { class: "points" }, t.points(report.points, report.max_points)));
  }
}
