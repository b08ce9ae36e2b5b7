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
import { changeView } from "./change.ts";
import { CommandLine } from "./command.ts";
import { ask } from "./confirm.ts";
import type { Entry } from "./entry.ts";
import { Questions } from "./questions.ts";
import { Steps } from "./steps.ts";

export class Exercise {
  readonly id: string;
  state: ExerciseState | undefined;
  private readonly badge = h("p", { class: "exercise-badge", hidden: true });
  private readonly buttons = h("div", { class: "actions" });
  private readonly question = h("div");
  private readonly trouble = h("div", { class: "exercise-trouble" });
  private readonly change = h("div");
  private readonly results = h("div", { class: "exercise-results" });
  private readonly hints = h("ol", { class: "hints", hidden: true });
  private readonly solution = h("div", { class: "solution" });
  /** Where the learner answers on the page, in exercises that have such a place. */
  private readonly entries: Entry[] = [];
  private readonly kind: string;
  /** Files must lie in the workspace before one begins. */
  private readonly starter: boolean;
  private running = false;

  constructor(
    readonly section: HTMLElement,
    private readonly pane: Pane,
    /** The learner has turned to this exercise. */
    private readonly chosen: (exercise: Exercise) => void,
    private readonly passed: () => void,
  ) {
    this.id = section.dataset["exercise"] ?? "";
    const head = find(".exercise-head", section);
    (head ?? section).append(this.badge);
    this.kind = head?.dataset["kind"] ?? "files";
    this.starter = head?.dataset["starter"] !== undefined;
    const questions = find("[data-questions]", section);
    const command = find("[data-command]", section);
    const changed = () => this.draw();
    const submit = () => void this.check();
    if (questions !== null) this.entries.push(new Questions(questions, this.id, changed, submit));
    if (command !== null) this.entries.push(new CommandLine(command, this.id, changed, submit));
    section.append(
      h("div", { class: "exercise-panel" },
        this.buttons, this.question, this.trouble, this.change, this.results, this.hints, this.solution));
    section.addEventListener("focusin", () => this.chosen(this));
    onServerEvent((event) => {
      if (event.type === "progress" && event.exercise.id === this.id && !this.running) {
        const { exercise } = event;
        // The results belong to the answers that came before them.
        void this.refill().then(() => this.running || this.take(exercise));
      }
      const path = event.type === "file-changed" ? event.path : undefined;
      if (event.type === "files-changed" || (path !== undefined && path.startsWith(`${this.folder}/`))) void this.refill();
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
    replace(this.trouble);
    for (const entry of this.entries) {
      const missing = entry.missing();
      if (missing === undefined) continue;
      this.complain(missing, entry instanceof Questions ? t.unansweredNext : t.commandMissingNext);
      return;
    }
    this.running = true;
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
      for (const entry of this.entries) await entry.save(this.state);
      const before = [...this.results.childNodes];
      const steps = this.newSteps();
      replace(this.results, steps.element);
      if (this.entries.length === 0) this.show();
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
      if (this.state.report !== null) {
        for (const entry of this.entries) entry.show(this.state.report.checks);
        if (!this.state.report.passed) this.entries[0]?.goToFault();
      }
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

  /** What is answered on the page, or done in a terminal without any files, has begun when it is read. */
  private get started(): boolean {
    if (this.entries.length > 0 && this.kind !== "files") return true;
    if (this.kind === "sandbox" && !this.starter) return true;
    return (this.state?.attempts ?? 0) > 0 || recall(`started:${this.id}`) !== null;
  }

  private async load(): Promise<void> {
    this.draw();
    try {
      this.state = await getExercise(this.id);
      for (const entry of this.entries) await entry.load(this.state);
      const { state } = this;
      this.state = undefined;
      this.take(state);
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
      const steps = this.newSteps();
      steps.show(state.report);
      replace(this.results, steps.element);
      for (const entry of this.entries) entry.show(state.report.checks);
    }
    if (state.report === null && !live) replace(this.results);
    replace(this.change, changeView(state));
    this.drawHints();
    this.draw();
  }

  private newSteps(): Steps {
    const elsewhere = new Set(this.entries.flatMap((entry) => [...entry.checks]));
    return new Steps((finding) => this.jump(finding), elsewhere, this.kind === "quiz" || this.kind === "predict");
  }

  /** The files have changed under the fields: in the editor, in another tab, by a reset. */
  private async refill(): Promise<void> {
    const { state } = this;
    if (state === undefined || this.running) return;
    try {
      for (const entry of this.entries) await entry.load(state);
      this.draw();
    } catch {
      // The fields stay as they are; the next change or the check will tell.
    }
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
      const label = this.entries.find((entry) => entry.label !== undefined)?.label ?? t.check;
      const check = button("check", this.running ? t.checking : label, () => void this.check(), "button button-main");
      check.title = `${t.check} (Ctrl+Enter)`;
      // A disabled button would lose the focus; this one says that it is busy.
      check.disabled = false;
      check.setAttribute("aria-busy", String(this.running));
      replace(this.buttons, check,
        this.hasEditor && button("open", t.openFiles, () => void this.start()),
        state.hints.length < state.hints_total && state.report?.passed !== true &&
          button("hint", t.hint(state.hints.length + 1, state.hints_total), () => void this.hint(), "button", "hint"),
        (this.hasEditor || this.starter) && button("reset", t.reset, () => this.askReset(), "button", "reset"),
        state.solution_open
          ? this.solution.childElementCount === 0 && button("solution", t.showSolution, () => void this.showSolution())
          : state.attempts > 0 && button("give-up", t.giveUp, () => this.askGiveUp()));
    }
    if (had !== undefined) this.buttons.querySelector<HTMLElement>(`[data-name="${had}"]`)?.focus({ preventScroll: true });
  }

  private get hasEditor(): boolean {
    return this.kind === "files" || this.entries.some((entry) => entry.needsEditor);
  }

  private async start(): Promise<void> {
    this.chosen(this);
    await this.attempt(async () => {
      const state = await postExercise("start", this.id);
      remember(`started:${this.id}`, "1");
      this.take(state);
      if (!this.hasEditor) {
        this.pane.showTerminal();
        return;
      }
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
        for (const entry of this.entries) {
          entry.forget();
          await entry.load(state);
        }
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
