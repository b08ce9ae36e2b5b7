// A tab list as the ARIA practices describe it: one tab is in the tab order, arrows move, panels are labelled by their tab.

import { freshId, h } from "../dom.ts";

interface Tab {
  id: string;
  button: HTMLButtonElement;
  panel: HTMLElement;
}

export class Tabs {
  readonly list: HTMLElement;
  private readonly tabs: Tab[] = [];
  selected: string | undefined;

  constructor(
    label: string,
    private readonly panels: HTMLElement,
    private readonly onSelect: (id: string) => void,
  ) {
    this.list = h("div", { class: "tabs", role: "tablist", "aria-label": label });
    this.list.addEventListener("keydown", (event) => this.key(event));
  }

  /** Adds a tab before the tab `before`, or at the end. */
  add(id: string, label: string, panel: HTMLElement, before?: string): void {
    const name = freshId("tab");
    const button = h("button", {
      type: "button", class: "tab", role: "tab", id: name, "aria-selected": "false", tabindex: -1,
      onclick: () => this.select(id),
    }, label);
    panel.id = `${name}-panel`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", name);
    panel.hidden = true;
    button.setAttribute("aria-controls", panel.id);
    const index = this.tabs.findIndex((tab) => tab.id === before);
    const at = index < 0 ? this.tabs.length : index;
    this.list.insertBefore(button, this.tabs[at]?.button ?? null);
    this.panels.insertBefore(panel, this.tabs[at]?.panel ?? null);
    this.tabs.splice(at, 0, { id, button, panel });
    if (this.tabs.length === 1) button.tabIndex = 0;
  }

  remove(id: string): void {
    const index = this.tabs.findIndex((tab) => tab.id === id);
    const tab = this.tabs[index];
    if (tab === undefined) return;
    this.tabs.splice(index, 1);
    tab.button.remove();
    tab.panel.remove();
    const neighbour = this.tabs[Math.max(0, index - 1)];
    if (this.selected === id && neighbour !== undefined) this.select(neighbour.id);
  }

  select(id: string): void {
    this.selected = id;
    for (const tab of this.tabs) {
      const chosen = tab.id === id;
      tab.button.setAttribute("aria-selected", String(chosen));
      tab.button.tabIndex = chosen ? 0 : -1;
      tab.panel.hidden = !chosen;
    }
    this.onSelect(id);
  }

  focus(id: string): void {
    this.tabs.find((tab) => tab.id === id)?.button.focus();
  }

  private key(event: KeyboardEvent): void {
    const index = this.tabs.findIndex((tab) => tab.button === event.target);
    if (index < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const last = this.tabs.length - 1;
    const steps: Record<string, number> = {
      ArrowRight: index === last ? 0 : index + 1,
      ArrowLeft: index === 0 ? last : index - 1,
      Home: 0,
      End: last,
    };
    const next = this.tabs[steps[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    this.select(next.id);
    next.button.focus();
  }
}
