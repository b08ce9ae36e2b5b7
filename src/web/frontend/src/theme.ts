// Light, dark, or as the system says. The choice is a cookie, so that the server writes it into the page and nothing flashes.

import { announce } from "./announce.ts";
import { find } from "./dom.ts";
import { t } from "./strings.ts";

type Theme = "auto" | "light" | "dark";

const handlers = new Set<() => void>();
const system = window.matchMedia("(prefers-color-scheme: dark)");

export function onTheme(handler: () => void): void {
  handlers.add(handler);
}

/** The colour that a custom property has now, as `rgb(…)`. */
export function color(property: string): string {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(${property})`;
  document.body.appendChild(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

export function isDark(): boolean {
  const theme = current();
  return theme === "dark" || (theme === "auto" && system.matches);
}

function current(): Theme {
  const theme = document.documentElement.dataset["theme"];
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export function watchTheme(): void {
  const button = find<HTMLButtonElement>("[data-theme-toggle]");
  const label = () => {
    const text = t.themes[current()];
    button?.setAttribute("aria-label", text);
    button?.setAttribute("title", text);
  };
  label();
  button?.addEventListener("click", () => {
    const order: Theme[] = ["auto", "light", "dark"];
    const next = order[(order.indexOf(current()) + 1) % order.length] ?? "auto";
    document.documentElement.dataset["theme"] = next;
    document.cookie = `theme=${next}; Path=/; Max-Age=31536000; SameSite=Strict`;
    label();
    announce(t.themes[next]);
    notify();
  });
  system.addEventListener("change", notify);
}

function notify(): void {
  for (const handler of handlers) handler();
}
