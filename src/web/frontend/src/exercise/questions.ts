// Questions: the server wrote the fields, we fill in the answers, write them, and show at each what became of it.

import { find, h, prose, replace } from "../dom.ts";
import { icon } from "../icons.ts";
import type { CheckResult, ExerciseState } from "../protocol.ts";
import { recall, remember } from "../store.ts";
import { t } from "../strings.ts";
import { type Answers, readAnswers, writeAnswers } from "./answers.ts";
import { type Entry, present, rewrite } from "./entry.ts";
import { statusIcon } from "./results.ts";

const file = "answers.yaml";

class Question {
  readonly id: string;
  readonly inputs: HTMLInputElement[];
  private readonly box: HTMLElement | null;
  /** The answer that the shown result is about. */
  judged: string | undefined;
  status: CheckResult["status"] | undefined;

  constructor(readonly field: HTMLFieldSetElement) {
    this.id = field.dataset["question"] ?? "";
    this.inputs = [...field.querySelectorAll("input")];
    this.box = find(".question-result", field);
  }

  get isChoice(): boolean {
    return this.inputs[0]?.type !== "text";
  }

  get answer(): string[] {
    if (this.isChoice) return this.inputs.filter((input) => input.checked).map((input) => input.value);
    const text = this.inputs[0]?.value.trim() ?? "";
    return text === "" ? [] : [text];
  }

  set answer(texts: string[]) {
    if (this.isChoice) for (const input of this.inputs) input.checked = texts.includes(input.value);
    else if (this.inputs[0] !== undefined) this.inputs[0].value = texts[0] ?? "";
  }

  show(result: CheckResult | undefined): void {
    this.status = result?.status;
    this.judged = result === undefined ? undefined : JSON.stringify(this.answer);
    this.field.classList.toggle("is-passed", result?.status === "pass");
    if (this.box === null) return;
    this.box.hidden = result === undefined;
    if (result === undefined) return replace(this.box);
    this.box.className = `question-result result-${result.status}`;
    replace(this.box,
      h("p", { class: "result-head" }, icon(statusIcon[result.status]),
        h("span", { class: "question-word" }, result.status === "pass" ? t.answerRight : t.statuses[result.status]),
        result.max_points > 0 && h("span", { class: "points" }, t.points(result.points, result.max_points))),
      result.message !== "" && h("p", { class: "question-why" }, prose(result.message)));
  }

  focus(): void {
    (this.inputs.find((input) => input.checked) ?? this.inputs[0])?.focus();
  }
}

export class Questions implements Entry {
  readonly checks: ReadonlySet<string>;
  readonly needsEditor = false;
  private readonly questions: Question[];
  private readonly draftKey: string;

  constructor(root: HTMLElement, private readonly exercise: string, changed: () => void, submit: () => void) {
    this.questions = [...root.querySelectorAll<HTMLFieldSetElement>("fieldset[data-question]")].map((one) => new Question(one));
    this.checks = new Set(this.questions.map((one) => one.id));
    this.draftKey = `answers:${exercise}`;
    root.addEventListener("input", (event) => {
      const question = this.questions.find((one) => one.field.contains(event.target as Node));
      // A result belongs to the answer that was checked.
      if (question?.judged !== undefined && question.judged !== JSON.stringify(question.answer)) question.show(undefined);
      this.keepDraft();
      changed();
    });
    root.addEventListener("keydown", (event) => {
      const input = event.target as HTMLInputElement;
      if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey) return;
      if (input.type !== "text") return;
      event.preventDefault();
      submit();
    });
  }

  get label(): string | undefined {
    const open = this.open.length;
    return open === 0 ? undefined : t.checkOpen(open);
  }

  async load(state: ExerciseState): Promise<void> {
    const answers = readAnswers((await present(this.path(state)))?.text ?? "");
    const kept = recall(this.draftKey);
    const draft = kept === null ? {} : (JSON.parse(kept) as Record<string, string[]>);
    for (const question of this.questions) {
      const saved = answers.get(question.id) ?? [];
      const answer = draft[question.id] ?? saved;
      question.answer = answer;
      const stale = JSON.stringify(question.answer) !== (question.judged ?? JSON.stringify(question.answer));
      if (stale) question.show(undefined);
    }
  }

  missing(): string | undefined {
    const { open } = this;
    if (open.length === 0) return undefined;
    open[0]?.focus();
    const numbers = open.map((question) => this.questions.indexOf(question) + 1);
    return t.unanswered(numbers, this.questions.length);
  }

  async save(state: ExerciseState): Promise<void> {
    const answers: Answers = new Map(this.questions.map((question) => [question.id, question.answer]));
    await rewrite(this.exercise, this.path(state), (text) => writeAnswers(text, answers));
    remember(this.draftKey, null);
  }

  show(results: readonly CheckResult[]): void {
    const kept = recall(this.draftKey);
    const draft = kept === null ? {} : (JSON.parse(kept) as Record<string, string[]>);
    for (const question of this.questions) {
      const result = results.find((one) => one.id === question.id);
      question.show(draft[question.id] === undefined && question.answer.length > 0 ? result : undefined);
    }
  }

  forget(): void {
    remember(this.draftKey, null);
    for (const question of this.questions) question.show(undefined);
  }

  goToFault(): void {
    const fault = this.questions.find((question) => question.status === "fail" || question.status === "error");
    if (fault === undefined) return;
    // On a phone, a text field would bring up the keyboard over the explanation.
    if (fault.isChoice) fault.focus();
    const { top, bottom } = fault.field.getBoundingClientRect();
    if (top < 60 || bottom > window.innerHeight - 60) fault.field.scrollIntoView({ block: "center" });
  }

  focus(): void {
    this.questions[0]?.focus();
  }

  private get open(): Question[] {
    return this.questions.filter((question) => question.answer.length === 0);
  }

  private path(state: ExerciseState): string {
    return `${state.folder}/${file}`;
  }

  /** What was chosen and not checked yet outlives a reload and a change of the language. */
  private keepDraft(): void {
    const before = JSON.parse(recall(this.draftKey) ?? "{}") as Record<string, string[]>;
    for (const question of this.questions) {
      if (question.judged === undefined) before[question.id] = question.answer;
    }
    remember(this.draftKey, JSON.stringify(before));
  }
}
