// What the ways to answer on the page have in common: questions with options, and a command line.

import { Failure, listFiles, postExercise, readFile, saveFile } from "../api.ts";
import type { CheckResult, ExerciseState, FileContent } from "../protocol.ts";
import { t } from "../strings.ts";

/** Something in the exercise's block that is filled in and becomes a file of the submission. */
export interface Entry {
  /** Ids of the checks whose results stand here, and not in the list below. */
  readonly checks: ReadonlySet<string>;
  /** What the button says while something is missing. */
  readonly label: string | undefined;
  /** Whether the editor is needed, because the file holds what cannot be shown here. */
  readonly needsEditor: boolean;
  /** Fills in what the workspace has; what the learner has not checked yet stays. */
  load(state: ExerciseState): Promise<void>;
  /** Says what is missing, and goes there. */
  missing(): string | undefined;
  /** Writes the file. */
  save(state: ExerciseState): Promise<void>;
  show(results: readonly CheckResult[]): void;
  /** Takes back results and what was not saved: the starter is there again. */
  forget(): void;
  /** Goes to the first thing that is not right yet. */
  goToFault(): void;
  focus(): void;
}

/** The file, or nothing where there is none. The list is asked first: a missing file is no error that a console should name. */
export async function present(path: string): Promise<FileContent | undefined> {
  if (!(await listFiles()).some((entry) => entry.path === path && entry.kind === "file")) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Failure && error.status === 404) return undefined;
    throw error;
  }
}

/** Changes a file of the workspace, also when somebody else changes it meanwhile. */
export async function rewrite(exercise: string, path: string, change: (text: string) => string): Promise<void> {
  // The starter's other files, and its remarks, come first.
  if ((await present(path)) === undefined) await postExercise("start", exercise);
  for (let left = 3; ; left -= 1) {
    const content = await present(path);
    if (content?.text === null) throw new Failure(422, t.notText(path), t.notTextNext);
    const before = content?.text ?? "";
    const text = change(before);
    if (content !== undefined && text === before) return;
    try {
      await saveFile(path, { text, base: content?.version ?? null });
      return;
    } catch (error) {
      if (left === 0 || !(error instanceof Failure) || error.status !== 409) throw error;
    }
  }
}
