// On narrow screens the sandbox is a sheet that slides up from the bar at the bottom of the page.

import { find, h, isNarrow } from "../dom.ts";
import { t } from "../strings.ts";

export type SheetPlace = "terminal" | "files";

interface Actions {
  terminal(): void;
  files(): void;
  check(): void;
}

export class Sheet {
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private place: SheetPlace = "terminal";

  constructor(
    private readonly pane: HTMLElement,
    private readonly actions: Actions,
  ) {
    const bar = h("nav", { class: "bottom-bar", "aria-label": t.places });
    const button = (name: string, label: string, act: () => void) => {
      const element = h("button", { type: "button", onclick: act }, label);
      this.buttons.set(name, element);
      bar.appendChild(element);
    };
    button("read", t.read, () => this.close());
    button("terminal", t.terminalShort, () => this.open("terminal", true));
    button("files", t.files, () => this.open("files", true));
    if (find(".exercise") !== null) {
      button("check", t.check, () => {
        this.close();
        actions.check();
      });
    }
    document.body.appendChild(bar);
    window.addEventListener("keydown", (event) => {
      const free = !event.isComposing && (event.target as Element).closest(".terminal-box, .cm-editor, dialog") === null;
      if (event.code === "Escape" && free && this.isOpen) this.close();
    });
    window.matchMedia("(max-width: 1099px)").addEventListener("change", () => this.draw());
    this.draw();
  }

  get isOpen(): boolean {
    return this.pane.classList.contains("is-open");
  }

  /** Without effect on a wide page, where the pane is always there. */
  open(place: SheetPlace, select = false): void {
    this.place = place;
    const narrow = isNarrow();
    if (narrow) this.pane.classList.add("is-open");
    if (select) this.actions[place]();
    this.draw();
  }

  close(): void {
    if (!this.isOpen) return;
    const focused = this.pane.contains(document.activeElement);
    this.pane.classList.remove("is-open");
    this.draw();
    if (focused) find("main")?.focus({ preventScroll: true });
  }

  mark(place: SheetPlace): void {
    this.place = place;
    this.draw();
  }

  private draw(): void {
    const current = this.isOpen ? this.place : "read";
    for (const [name, button] of this.buttons) {
      if (name === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    this.pane.inert = isNarrow() && !this.isOpen;
  }
}
