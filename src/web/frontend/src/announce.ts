// One polite live region for everything that a screen reader should say.

import { h } from "./dom.ts";

let region: HTMLElement | undefined;

export function announce(text: string): void {
  if (region === undefined) {
    region = h("div", { class: "unseen", "aria-live": "polite", role: "status" });
    document.body.appendChild(region);
  }
  // The same text twice would not be read twice.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
