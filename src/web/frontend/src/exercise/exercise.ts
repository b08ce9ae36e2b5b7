// One exercise of the lesson: start, check, hints, reset, solution. The server wrote its title and text; we add the rest.

import { asFailure, checkExercise, getExercise, getSolution, postExercise } from "../api.ts";
import { announce } from "../announce.ts";
import { find, h, prose, replace, serverHtml } from "../dom.ts";
import { onLine, onServerEvent } from "../events.ts";
import { icon } from "../icons.ts";
import { enhanceCode, highlightIn } from "../lesson/code.ts";
import type { Pane } from "../pane.ts";
import type { ExerciseState, Finding } from "../protocol.ts";
import { recall, remember } from "../store.ts";
import { t } from "../strings.ts";
import { ask } from "./confirm.ts";
import { Steps } from "./steps.ts";

export class Exercise {
  readonly id: string;
  state: ExerciseState | undefined;
  private readonly badge = h("p", { class: "exercise-badge", hidden: true });
  private readonly buttons = h("div", { class: "actions" });
  private readonly question = h("div");
  private readonly trouble = h("div", { class: "exercise-trouble" });
  private readonly results = h("div", { class: "exercise-results" });
  private readonly hints = h("ol", { class: "hints", hidden: true });
  private readonly solution = h("div", { class: "solution" });
  private running = false;

  constructor(
    readonly section: HTMLElement,
    private readonly pane: Pane,
    /** The learner has turned to this exercise. */
    private readonly chosen: (exercise: Exercise) => void,
    private readonly passed: () => void,
  ) {
    this.id = section.dataset["exercise"] ?? "";
    (find(".exercise-head", section) ?? section).append(this.badge);
    section.append(
      h("div", { class: "exercise-panel" },
        this.buttons, this.question, this.trouble, this.results, this.hints, this.solution));
    section.addEventListener("focusin", () => this.chosen(this));
    onServerEvent((event) => {
      if (event.type === "progress" && event.exercise.id === this.id && !this.running) this.take(event.exercise);
    });
    onLine((online) => {
      if (online && this.state === undefined) void this.load();
    });
    void this.load();
  }

  get folder(): string | undefined {
    return this.state?.folder;
  }

  focus(): void {
    this.show();
    this.buttons.querySelector("button")?.focus({ preventScroll: true });
  }

  async check(): Promise<void> {
    if (this.running || this.state === undefined) return;
    if (!this.started) return this.focus();
    this.chosen(this);
    this.running = true;
    replace(this.trouble);
    this.draw();
    announce(t.checking);
    // A check that never began leaves no steps that seem to wait.
    let refused: (() => void) | undefined;
    try {
      const unsaved = await this.pane.files.flush();
      if (unsaved !== undefined) {
        this.complain(t.unsaved(unsaved.path), t.unsavedNext);
        return;
      }
      const before = [...this.results.childNodes];
      const steps = new Steps((finding) => this.jump(finding));
      replace(this.results, steps.element);
      this.show();
      let ended = false;
      refused = () => this.results.replaceChildren(...before);
      for await (const event of checkExercise(this.id)) {
        refused = undefined;
        steps.take(event);
        if (event.type === "stage") announce(t.stages[event.stage]);
        if (event.type !== "done") continue;
        ended = true;
        const { passed, points, max_points } = event.report;
        announce(`${passed ? t.passed : t.notYet} ${t.points(points, max_points)}`);
      }
      if (!ended) this.complain(t.checkCut, t.checkCutNext);
      this.take(await getExercise(this.id), true);
    } catch (error) {
      refused?.();
      this.fail(error);
    } finally {
      this.running = false;
      this.draw();
    }
  }

  /** Brings the buttons into view, with room below them for what comes. */
  private show(): void {
    const { top } = this.buttons.getBoundingClientRect();
    if (top < 0 || top > window.innerHeight / 2) this.buttons.scrollIntoView({ block: "start" });
  }

  private get started(): boolean {
    return (this.state?.attempts ?? 0) > 0 || recall(`started:${this.id}`) !== null;
  }

  private async load(): Promise<void> {
    this.draw();
    try {
      this.take(await getExercise(this.id));
      replace(this.trouble);
    } catch (error) {
      this.fail(error, () => void this.load());
    }
  }

  /** `live`: the results on the page are newer than, or the same as, the report in the state. */
  private take(state: ExerciseState, live = false): void {
    const before = this.state;
    this.state = state;
    if (before !== undefined && !before.passed && state.passed) this.passed();
    if (!live && state.report !== null && JSON.stringify(before?.report) !== JSON.stringify(state.report)) {
      const steps = new Steps((finding) => this.jump(finding));
      steps.show(state.report);
      replace(this.results, steps.element);
    }
    if (state.report === null && !live) replace(this.results);
    this.drawHints();
    this.draw();
  }

  private draw(): void {
    const { state } = this;
    const had = this.buttons.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset["name"] : undefined;
    this.badge.hidden = state?.passed !== true;
    replace(this.badge, icon("done"), t.solved);
    const button = (name: string, label: string, act: () => void, className = "button", sign?: Parameters<typeof icon>[0]) =>
      h("button", { type: "button", class: className, "data-name": name, disabled: this.running, onclick: act },
        sign !== undefined && icon(sign), label);
    if (state === undefined) replace(this.buttons, h("span", { class: "shape-line", "aria-hidden": "true" }));
    else if (!this.started) {
      replace(this.buttons, button("start", t.start, () => void this.start(), "button button-main"));
    } else {
      const check = button("check", this.running ? t.checking : t.check, () => void this.check(), "button button-main");
      check.title = `${t.check} (Ctrl+Enter)`;
      // A disabled button would lose the focus; this one says that it is busy.
      check.disabled = false;
      check.setAttribute("aria-busy", String(this.running));
      replace(this.buttons, check,
        button("open", t.openFiles, () => void this.start()),
        state.hints.length < state.hints_total && state.report?.passed !== true &&
          button("hint", t.hint(state.hints.length + 1, state.hints_total), () => void this.hint(), "button", "hint"),
        button("reset", t.reset, () => this.askReset(), "button", "reset"),
        state.solution_open
          ? this.solution.childElementCount === 0 && button("solution", t.showSolution, () => void this.showSolution())
          : state.attempts > 0 && button("give-up", t.giveUp, () => this.askGiveUp()));
    }
    if (had !== undefined) this.buttons.querySelector<HTMLElement>(`[data-name="${had}"]`)?.focus({ preventScroll: true });
  }

  private async start(): Promise<void> {
    this.chosen(this);
    await this.attempt(async () => {
      const state = await postExercise("start", this.id);
      remember(`started:${this.id}`, "1");
      this.take(state);
      const first = state.files[0];
      if (first !== undefined) await this.pane.openFile(first);
    });
  }

  private async hint(): Promise<void> {
    await this.attempt(async () => {
      this.take(await postExercise("hint", this.id));
      const newest = this.hints.lastElementChild as HTMLElement | null;
      newest?.focus();
    });
  }

  private askReset(): void {
    ask(this.question, t.resetQuestion, t.resetYes, t.resetNo, () =>
      void this.attempt(async () => {
        // Words that are still on their way must not arrive after the reset.
        await this.pane.files.flush();
        const state = await postExercise("reset", this.id);
        replace(this.results);
        this.take(state);
        announce(t.resetDone);
      }));
  }

  private askGiveUp(): void {
    ask(this.question, t.giveUpQuestion, t.giveUpYes, t.giveUpNo, () =>
      void this.attempt(async () => {
        this.take(await postExercise("give-up", this.id));
        await this.showSolution();
      }));
  }

  private async showSolution(): Promise<void> {
    await this.attempt(async () => {
      const files = await getSolution(this.id);
      const heading = h("p", { class: "solution-title", tabindex: -1 }, t.solution);
      replace(this.solution, heading, ...files.map((file) =>
        h("figure", { class: "code", "data-lang": languageOf(file.path) },
          h("figcaption", {}, file.path),
          h("pre", {}, h("code", { class: `language-${languageOf(file.path)}` }, file.text)))));
      enhanceCode(this.solution, this.pane);
      void highlightIn(this.solution);
      heading.focus();
      this.draw();
    });
  }

  private drawHints(): void {
    const hints = this.state?.hints ?? [];
    if (hints.length < this.hints.childElementCount) replace(this.hints);
    for (const html of hints.slice(this.hints.childElementCount)) {
      const number = this.hints.childElementCount + 1;
      const item = h("li", { class: "hint", tabindex: -1 },
        h("p", { class: "hint-title" }, icon("hint"), t.hintTitle(number)),
        h("div", { class: "prose" }, serverHtml(html)));
      this.hints.append(item);
      enhanceCode(item, this.pane);
    }
    this.hints.hidden = hints.length === 0;
  }

  private jump(finding: Finding): void {
    const folder = this.state?.folder ?? "";
    void this.pane.openFile(folder === "" ? finding.file : `${folder}/${finding.file}`, finding.start);
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    replace(this.trouble);
    try {
      await act();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown, again?: () => void): void {
    const failure = asFailure(error);
    this.complain(failure.message, failure.next, again);
  }

  private complain(message: string, next: string, again?: () => void): void {
    replace(this.trouble, h("div", { class: "bar bar-error", role: "alert" },
      h("p", {}, icon("fault"), prose(`${message} ${next}`)),
      again !== undefined && h("p", { class: "actions" },
        h("button", { type: "button", class: "button", onclick: again }, t.tryAgainButton))));
  }
}

function languageOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/^dockerfile/i.test(name)) return "dockerfile";
  return { py: "python", yml: "yaml", yaml: "yaml", json: "json", sh: "sh" }[name.split(".").pop() ?? ""] ?? "text";
}
