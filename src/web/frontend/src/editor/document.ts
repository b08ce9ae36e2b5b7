// One file of the workspace and what happens to it: saved within a second, never over somebody else's change, never lost.

import { Failure, asFailure, readFile, saveFile } from "../api.ts";
import type { FileContent } from "../protocol.ts";
import { recall, remember } from "../store.ts";

export type SaveState = "saved" | "waiting" | "saving" | "failed" | "conflict" | "gone";

export interface DocumentHandlers {
  /** The text was replaced by somebody else's. `undoable`: the learner chose it and may go back. */
  replaced(text: string, undoable: boolean): void;
  state(document: FileDocument): void;
}

/** Milliseconds without a key until the text is saved; with the way to the server it stays below a second. */
const pause = 500;

export class FileDocument {
  state: SaveState = "saved";
  /** Why the last save failed. */
  failure: Failure | undefined;
  /** The other text, while there is a conflict. */
  theirs: FileContent | undefined;
  private version: string | null;
  private savedText: string;
  private timer: number | undefined;
  private retry = 1000;
  private running: Promise<void> | undefined;
  /** A change of the file was told while a save was on its way; it may be our own. */
  private heard: { version: string | null } | undefined;

  private constructor(
    readonly path: string,
    public text: string,
    version: string | null,
    private readonly handlers: DocumentHandlers,
  ) {
    this.version = version;
    this.savedText = text;
  }

  /** Gives nothing when the file is not text. */
  static async load(path: string, handlers: DocumentHandlers): Promise<FileDocument | null> {
    const content = await readFile(path);
    if (content.text === null) return null;
    const document = new FileDocument(path, content.text, content.version, handlers);
    document.takeDraft(content);
    return document;
  }

  edit(text: string): void {
    if (text === this.text) return;
    this.text = text;
    if (this.state === "conflict") return this.keepDraft();
    if (text === this.savedText && this.running === undefined) {
      window.clearTimeout(this.timer);
      remember(this.draftKey, null);
      return this.become("saved");
    }
    if (this.state !== "gone") this.become("waiting");
    this.schedule(pause);
  }

  /** Saves now, if there is something to save. Gives whether the server has what the editor shows. */
  async flush(): Promise<boolean> {
    window.clearTimeout(this.timer);
    await this.running;
    if (this.dirty && this.state !== "conflict") await this.save();
    return !this.dirty;
  }

  get dirty(): boolean {
    return this.text !== this.savedText || this.state === "conflict";
  }

  /** The page is being closed: what is not saved goes on its way, and stays here in case it does not arrive. */
  leave(): void {
    if (!this.dirty) return;
    this.keepDraft();
    if (this.state === "conflict") return;
    void saveFile(this.path, { text: this.text, base: this.version }, true).catch(() => undefined);
  }

  /** Somebody (perhaps we) changed the file. */
  async changed(version: string | null): Promise<void> {
    if (this.running !== undefined) {
      this.heard = { version };
      return;
    }
    if (version === this.version) return;
    if (version === null) {
      this.version = null;
      this.become("gone");
      return;
    }
    // Unsaved words decide when they are saved: the server then says that the base is old.
    if (this.dirty) return;
    try {
      const content = await readFile(this.path);
      if (content.text === null || this.dirty) return;
      this.adopt(content, false);
    } catch {
      // The next change or the next save will tell.
    }
  }

  /** Events may have been missed: asks whether the file is still the one that we know. */
  async refresh(): Promise<void> {
    try {
      await this.changed((await readFile(this.path)).version);
    } catch (error) {
      if (asFailure(error).status === 404) await this.changed(null);
    }
  }

  async keepMine(): Promise<void> {
    this.version = this.theirs?.version ?? null;
    this.theirs = undefined;
    this.become("waiting");
    await this.save();
  }

  /** The file was deleted elsewhere; the learner wants it back. */
  async writeAgain(): Promise<void> {
    this.version = null;
    await this.save();
  }

  takeTheirs(): void {
    const theirs = this.theirs;
    if (theirs === undefined) return;
    this.theirs = undefined;
    this.adopt(theirs, true);
  }

  private get draftKey(): string {
    return `draft:${this.path}`;
  }

  private adopt(content: FileContent, undoable: boolean): void {
    const text = content.text ?? "";
    this.version = content.version;
    this.savedText = text;
    const before = this.text;
    this.text = text;
    remember(this.draftKey, null);
    if (before !== text) this.handlers.replaced(text, undoable);
    this.become("saved");
  }

  private schedule(delay: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), delay);
  }

  private save(): Promise<void> {
    this.running ??= this.saveOnce().finally(() => {
      this.running = undefined;
      const heard = this.heard;
      this.heard = undefined;
      if (heard !== undefined) void this.changed(heard.version);
      // Keys that came while the save was on its way.
      if (this.state === "saved" && this.text !== this.savedText) {
        this.become("waiting");
        this.schedule(pause);
      }
    });
    return this.running;
  }

  private async saveOnce(): Promise<void> {
    const text = this.text;
    this.become("saving");
    try {
      const answer = await saveFile(this.path, { text, base: this.version });
      this.version = answer.version;
      this.savedText = text;
      this.retry = 1000;
      this.failure = undefined;
      remember(this.draftKey, null);
      this.become("saved");
    } catch (error) {
      this.keepDraft();
      const failure = asFailure(error);
      if (failure.status === 409) await this.disagree();
      else this.fail(failure);
    }
  }

  private async disagree(): Promise<void> {
    try {
      const theirs = await readFile(this.path);
      if (theirs.text === this.text) return this.adopt(theirs, false);
      this.theirs = theirs;
      this.become("conflict");
    } catch (error) {
      const failure = asFailure(error);
      if (failure.status === 404) {
        this.version = null;
        this.become("gone");
      } else this.fail(failure);
    }
  }

  private fail(failure: Failure): void {
    this.failure = failure;
    this.become("failed");
    this.schedule(this.retry);
    this.retry = Math.min(this.retry * 2, 15_000);
  }

  /** A text that could not be saved last time. It goes on from there, or becomes a conflict if the file has moved on. */
  private takeDraft(content: FileContent): void {
    const kept = recall(this.draftKey);
    if (kept === null) return;
    const draft = JSON.parse(kept) as { text: string; base: string | null };
    if (draft.text === content.text) {
      remember(this.draftKey, null);
      return;
    }
    this.text = draft.text;
    if (draft.base === content.version) {
      this.state = "waiting";
      this.schedule(0);
    } else {
      this.theirs = content;
      this.state = "conflict";
    }
  }

  private keepDraft(): void {
    remember(this.draftKey, JSON.stringify({ text: this.text, base: this.version }));
  }

  private become(state: SaveState): void {
    this.state = state;
    this.handlers.state(this);
  }
}
