// A command line: one line that becomes the exercise's one file. Enter checks; it is never run.

import { find, h, prose, replace } from "../dom.ts";
import type { CheckResult, ExerciseState } from "../protocol.ts";
import { recall, remember } from "../store.ts";
import { t } from "../strings.ts";
import { readCommand, writeCommand } from "./answers.ts";
import { type Entry, present, rewrite } from "./entry.ts";

export class CommandLine implements Entry {
  /** What a command lacks is told in the list below, where there is room for it. */
  readonly checks: ReadonlySet<string> = new Set();
  needsEditor = false;
  private readonly input: HTMLInputElement;
  private readonly how: HTMLElement;
  private readonly words: string;
  private readonly file: string;
  private readonly draftKey: string;

  constructor(
    private readonly root: HTMLElement, private readonly exercise: string, private readonly changed: () => void, submit: () => void,
  ) {
    this.file = root.dataset["command"] ?? "";
    this.input = find<HTMLInputElement>("input", root) ?? h("input");
    this.how = find(".command-how", root) ?? h("p");
    this.words = this.how.textContent ?? "";
    this.draftKey = `command:${exercise}`;
    this.input.addEventListener("input", () => {
      remember(this.draftKey, this.input.value);
      changed();
    });
    this.input.addEventListener("keydown", (event) => {
      // The Enter that ends a Hangul syllable belongs to the syllable.
      if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      submit();
    });
  }

  get label(): string | undefined {
    return undefined;
  }

  async load(state: ExerciseState): Promise<void> {
    const text = (await present(`${state.folder}/${this.file}`))?.text ?? "";
    const command = readCommand(text);
    this.needsEditor = command === undefined;
    this.root.classList.toggle("is-long", this.needsEditor);
    this.input.disabled = this.needsEditor;
    if (this.needsEditor) remember(this.draftKey, null);
    this.input.value = this.needsEditor ? "" : recall(this.draftKey) ?? command ?? "";
    replace(this.how, this.needsEditor ? prose(t.commandLong(this.file)) : this.words);
    this.changed();
  }

  missing(): string | undefined {
    if (this.needsEditor || this.input.value.trim() !== "") return undefined;
    this.input.focus();
    return t.commandMissing;
  }

  async save(state: ExerciseState): Promise<void> {
    if (this.needsEditor) return;
    const command = this.input.value.trim();
    // The file may have grown in the editor meanwhile; then it is the learner's word that counts.
    await rewrite(this.exercise, `${state.folder}/${this.file}`, (text) =>
      readCommand(text) === undefined ? text : writeCommand(text, command));
    remember(this.draftKey, null);
  }

  show(_results: readonly CheckResult[]): void {}

  forget(): void {
    remember(this.draftKey, null);
  }

  goToFault(): void {
    this.input.focus();
  }

  focus(): void {
    this.input.focus();
  }
}
