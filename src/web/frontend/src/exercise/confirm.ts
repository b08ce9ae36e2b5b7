// A question in the page, where the button was, before something that cannot be taken back.

import { h } from "../dom.ts";

export function ask(place: HTMLElement, question: string, yes: string, no: string, act: () => void): void {
  const before = document.activeElement as HTMLElement | null;
  const close = () => {
    place.replaceChildren();
    before?.focus();
  };
  const keep = h("button", { type: "button", class: "button", onclick: close }, no);
  place.replaceChildren(
    h("div", { class: "bar bar-warning", role: "alertdialog", "aria-label": question,
      onkeydown: (event: KeyboardEvent) => {
        if (event.code !== "Escape" || event.isComposing) return;
        event.stopPropagation();
        close();
      } },
      h("p", {}, question),
      h("p", { class: "actions" },
        h("button", { type: "button", class: "button button-danger", onclick: () => {
          close();
          act();
        } }, yes),
        keep)));
  keep.focus();
}
