// The right half of the page: terminals and files. Lessons and exercises reach them through this one object.

import { resetSandbox } from "./api.ts";
import { find, h, isNarrow } from "./dom.ts";
import { FilesPanel } from "./editor/files.ts";
import { Sheet } from "./layout/sheet.ts";
import { Tabs } from "./layout/tabs.ts";
import type { Position } from "./protocol.ts";
import { recall, remember } from "./store.ts";
import { t } from "./strings.ts";
import { Terminals } from "./terminal/terminals.ts";

export class Pane {
  readonly files: FilesPanel;
  private readonly terminals: Terminals;
  private readonly tabs: Tabs;
  private readonly sheet: Sheet;
  private before: HTMLElement | null = null;

  constructor(private readonly root: HTMLElement, check: () => void) {
    const panels = h("div", { class: "panels" });
    this.tabs = new Tabs(t.sandbox, panels, (id) => this.selected(id));
    this.files = new FilesPanel(check);
    this.tabs.add("files", t.files, this.files.panel);
    this.terminals = new Terminals(this.tabs);
    root.replaceChildren(
      h("div", { class: "pane-head" }, this.tabs.list, this.terminals.addButton),
      panels,
    );
    this.tabs.list.after(this.terminals.addButton);
    this.sheet = new Sheet(root, {
      terminal: () => this.tabs.select(Terminals.id(this.terminals.number)),
      files: () => this.tabs.select("files"),
      check,
    });
    this.tabs.select(recall("tab") === "files" ? "files" : Terminals.id(1));
    new ResizeObserver(() => this.selected(this.tabs.selected ?? "")).observe(root);
  }

  /** Types a snippet into the terminal that the learner sees. */
  run(text: string): void {
    this.showTerminal();
    this.terminals.type(text);
  }

  showTerminal(): void {
    if (this.tabs.selected === "files") this.tabs.select(Terminals.id(this.terminals.number));
    this.sheet.open("terminal");
  }

  async openFile(path: string, position?: Position): Promise<void> {
    this.tabs.select("files");
    this.sheet.open("files");
    await this.files.open(path, position, true);
  }

  /** Ctrl+`: into the terminal, and back to where the focus was. */
  toggleTerminal(): void {
    const active = document.activeElement as HTMLElement | null;
    const inTerminal = active?.closest(".terminal-box") !== null && active !== null;
    if (inTerminal) {
      if (isNarrow()) this.sheet.close();
      (this.before?.isConnected === true ? this.before : find("main"))?.focus({ preventScroll: true });
      return;
    }
    this.before = active === document.body ? null : active;
    this.showTerminal();
    this.terminals.focus();
  }

  closeSheet(): void {
    this.sheet.close();
  }

  async reset(withFiles: boolean): Promise<void> {
    await resetSandbox(withFiles);
  }

  private selected(id: string): void {
    if (id === "") return;
    remember("tab", id === "files" ? "files" : "terminal");
    this.sheet?.mark(id === "files" ? "files" : "terminal");
    // On a phone nothing is started before the sheet is up.
    if (this.root.offsetParent === null && getComputedStyle(this.root).position !== "fixed") return;
    if (getComputedStyle(this.root).visibility === "hidden") return;
    if (id === "files") this.files.shown();
    else this.terminals.shown(Number(id.replace("terminal-", "")));
  }
}
