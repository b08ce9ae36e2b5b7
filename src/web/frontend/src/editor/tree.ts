// The files of the workspace as a list with one tab stop; arrows move, Enter opens. Folders can be folded.

import { h, replace } from "../dom.ts";
import { icon } from "../icons.ts";
import type { FileEntry } from "../protocol.ts";
import { t } from "../strings.ts";

export class Tree {
  readonly element = h("ul", { class: "tree", role: "tree", "aria-label": t.files });
  private entries: FileEntry[] = [];
  private readonly folded = new Set<string>();
  private current: string | undefined;
  private focused: string | undefined;

  constructor(private readonly open: (path: string) => void) {
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  set(entries: FileEntry[]): void {
    this.entries = entries;
    this.draw();
  }

  mark(path: string): void {
    this.current = path;
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) this.folded.delete(path.slice(0, at));
    this.draw();
  }

  private draw(): void {
    const hadFocus = this.element.contains(document.activeElement);
    const visible = this.entries.filter((entry) => !this.hidden(entry.path));
    const stop = visible.find((entry) => entry.path === this.focused) ?? visible.find((entry) => entry.path === this.current);
    const stopPath = (stop ?? visible[0])?.path;
    replace(this.element, ...visible.map((entry) => this.row(entry, entry.path === stopPath)));
    if (hadFocus) this.element.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  }

  private hidden(path: string): boolean {
    return [...this.folded].some((folder) => path.startsWith(`${folder}/`));
  }

  private row(entry: FileEntry, stop: boolean): HTMLElement {
    const depth = entry.path.split("/").length;
    const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
    const folder = entry.kind === "dir";
    const row = h("li", {
      class: `tree-row${folder ? " tree-folder" : ""}`,
      role: "treeitem",
      "aria-level": depth,
      "aria-expanded": folder ? String(!this.folded.has(entry.path)) : null,
      "aria-selected": String(entry.path === this.current),
      tabindex: stop ? 0 : -1,
      "data-path": entry.path,
      title: entry.kind === "link" ? t.linkFile : null,
      onclick: () => this.choose(entry),
    }, icon(folder ? "folder" : entry.kind === "link" ? "link" : "file"), h("span", {}, name));
    row.style.setProperty("--depth", String(depth - 1));
    return row;
  }

  private choose(entry: FileEntry): void {
    this.focused = entry.path;
    if (entry.kind === "file") this.open(entry.path);
    if (entry.kind !== "dir") return;
    if (!this.folded.delete(entry.path)) this.folded.add(entry.path);
    this.draw();
  }

  private key(event: KeyboardEvent): void {
    const rows = [...this.element.querySelectorAll<HTMLElement>(".tree-row")];
    const index = rows.findIndex((row) => row === document.activeElement);
    const entry = this.entries.find((one) => one.path === rows[index]?.dataset["path"]);
    if (entry === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const goal = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key];
    const folds = entry.kind === "dir" && event.key === (this.folded.has(entry.path) ? "ArrowRight" : "ArrowLeft");
    if (goal !== undefined) {
      const row = rows[Math.max(0, Math.min(goal, rows.length - 1))];
      rows[index]?.setAttribute("tabindex", "-1");
      row?.setAttribute("tabindex", "0");
      row?.focus();
      this.focused = row?.dataset["path"];
    } else if (event.key === "Enter" || event.key === " " || folds) this.choose(entry);
    else return;
    event.preventDefault();
  }
}
