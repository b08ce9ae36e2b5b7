// The Files panel: the list, the editor, and what is said about saving.

import { asFailure, listFiles } from "../api.ts";
import { announce } from "../announce.ts";
import { h, prose, replace } from "../dom.ts";
import { onLine, onServerEvent } from "../events.ts";
import { lazy } from "../lazy.ts";
import type { Position } from "../protocol.ts";
import { recall, remember } from "../store.ts";
import { t } from "../strings.ts";
import { conflictBar } from "./conflict.ts";
import { FileDocument } from "./document.ts";
import { Tree } from "./tree.ts";
import type { CodeView } from "./view.ts";

export class FilesPanel {
  readonly panel: HTMLElement;
  /** Called whenever something was saved or could not be. */
  onSaved = (_document: FileDocument) => {};
  private readonly tree = new Tree((path) => void this.open(path, undefined, true));
  private readonly side: HTMLElement;
  private readonly toggle: HTMLButtonElement;
  private readonly title = h("span", { class: "file-name" });
  private readonly saving = h("span", { class: "file-state", role: "status" });
  private readonly bar = h("div", { class: "file-bar" });
  private readonly box = h("div", { class: "editor-box", hidden: true });
  private readonly words = h("div", { class: "notice" });
  private readonly documents = new Map<string, FileDocument>();
  private current: FileDocument | undefined;
  private view: CodeView | undefined;
  private started = false;
  private opening = 0;

  constructor(private readonly check: () => void) {
    this.side = h("div", { class: "file-side" }, this.tree.element);
    this.toggle = h("button", {
      type: "button", class: "link file-toggle", "aria-expanded": "false",
      onclick: () => this.showTree(!this.panel.classList.contains("shows-tree")),
    }, t.files);
    this.panel = h("div", { class: "panel files" },
      this.side,
      h("div", { class: "file-main" },
        h("div", { class: "file-head" }, this.toggle, this.title, this.saving), this.bar, this.words, this.box));
    onServerEvent((event) => {
      if (event.type === "files-changed") this.refresh();
      if (event.type === "file-changed") void this.documents.get(event.path)?.changed(event.version);
    });
    onLine((online) => {
      if (!online) return;
      for (const document of this.documents.values()) if (document.state === "failed") void document.flush();
      this.refresh();
    });
    window.addEventListener("pagehide", () => {
      for (const document of this.documents.values()) document.leave();
    });
  }

  /** The tab was chosen and can be seen. */
  shown(): void {
    if (this.started) return;
    this.started = true;
    void this.list().then(() => {
      const last = recall("file");
      if (this.current === undefined && this.opening === 0 && last !== null) void this.open(last, undefined, false, true);
    });
  }

  async open(path: string, position?: Position, focus = false, silent = false): Promise<void> {
    this.started = true;
    this.opening += 1;
    const turn = this.opening;
    this.showTree(false);
    try {
      const [document] = await Promise.all([this.load(path), this.editor()]);
      if (turn !== this.opening) return;
      if (document === null) return this.explain(t.notText(path), t.notTextNext);
      this.present(document, position, focus);
    } catch (error) {
      if (turn !== this.opening) return;
      const failure = asFailure(error);
      // The file that was open last time may be gone; that is no news.
      if (silent && failure.status === 404) this.empty();
      else this.explain(failure.message, failure.next, () => void this.open(path, position, focus));
    }
  }

  focus(): void {
    if (this.current !== undefined) this.view?.focus();
    else this.tree.element.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  }

  /** Saves everything. Gives the first document that could not be saved. */
  async flush(): Promise<FileDocument | undefined> {
    for (const document of this.documents.values()) if (!(await document.flush())) return document;
    return undefined;
  }

  get path(): string | undefined {
    return this.current?.path;
  }

  private refresh(): void {
    if (this.started) void this.list();
    for (const document of this.documents.values()) void document.refresh();
  }

  private async list(): Promise<void> {
    if (this.current === undefined) this.wait();
    try {
      const entries = await listFiles();
      this.tree.set(entries);
      this.panel.classList.toggle("has-files", entries.length > 0);
      if (this.current === undefined && this.opening === 0) this.empty(entries.length === 0);
    } catch (error) {
      const failure = asFailure(error);
      if (this.current === undefined) this.explain(failure.message, failure.next, () => void this.list());
    }
  }

  private async load(path: string): Promise<FileDocument | null> {
    const known = this.documents.get(path);
    if (known !== undefined) return known;
    const document = await FileDocument.load(path, {
      replaced: (text, undoable) => {
        const target = this.documents.get(path);
        if (target !== undefined) this.view?.replace(target, text, undoable);
      },
      state: (changed) => this.stateChanged(changed),
    });
    if (document !== null) this.documents.set(path, document);
    return document;
  }

  private async editor(): Promise<void> {
    const { CodeView } = await lazy(() => import("./view.ts"));
    this.view ??= new CodeView(this.box, this.check);
  }

  private present(document: FileDocument, position: Position | undefined, focus: boolean): void {
    this.current = document;
    this.words.hidden = true;
    this.box.hidden = false;
    this.view?.open(document);
    this.tree.mark(document.path);
    remember("file", document.path);
    replace(this.title, document.path);
    this.stateChanged(document);
    if (position !== undefined) this.view?.jump(position);
    else if (focus) this.view?.focus();
  }

  private stateChanged(document: FileDocument): void {
    this.onSaved(document);
    if (document !== this.current) return;
    const text = t.saveStates[document.state];
    this.saving.className = `file-state file-${document.state}`;
    // While typing, the words stay as they are: "saved, saving, saved" at every key would be noise.
    if (document.state !== "waiting" && this.saving.textContent !== text) replace(this.saving, text);
    const bar = conflictBar(document);
    if (bar !== null && this.bar.childElementCount === 0) announce(t.saveStates[document.state]);
    replace(this.bar, bar);
  }

  /** In a narrow pane the list is above the editor, and folded while one writes. */
  private showTree(show: boolean): void {
    this.panel.classList.toggle("shows-tree", show);
    this.toggle.setAttribute("aria-expanded", String(show));
  }

  private wait(): void {
    this.words.hidden = false;
    this.box.hidden = true;
    replace(this.words, h("div", { class: "shape", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
  }

  private empty(none = false): void {
    this.showTree(!none);
    this.words.hidden = false;
    this.box.hidden = true;
    replace(this.words, h("div", { class: "notice-card" },
      h("p", { class: "notice-title" }, none ? t.noFiles : t.noFileOpen),
      h("p", { class: "quiet" }, prose(none ? t.noFilesNext : t.noFileOpenNext))));
  }

  private explain(message: string, next: string, again?: () => void): void {
    this.words.hidden = false;
    this.box.hidden = true;
    this.current = undefined;
    replace(this.title);
    replace(this.saving);
    replace(this.bar);
    replace(this.words, h("div", { class: "notice-card" },
      h("p", { class: "notice-title" }, prose(message)),
      h("p", { class: "quiet" }, prose(next)),
      again !== undefined && h("p", {}, h("button", { type: "button", class: "button", onclick: again }, t.tryAgainButton))));
  }
}
