// The page's keys. They go by the place of the key (`event.code`), so that they work under a Korean layout, and keep
// silent while somebody types or composes.

import { find, h } from "./dom.ts";
import { openDialog } from "./layout/dialog.ts";
import { t } from "./strings.ts";

export interface KeyActions {
  terminal?: () => void;
  check?: () => void;
}

/** Milliseconds in which the second key of a pair must come. */
const pairTime = 1200;

export function watchKeys(actions: KeyActions): void {
  let pair = 0;
  window.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.code === "Backquote" && event.ctrlKey && !event.metaKey && !event.altKey && actions.terminal !== undefined) {
      event.preventDefault();
      actions.terminal();
      return;
    }
    if (event.code === "Enter" && (event.ctrlKey || event.metaKey) && actions.check !== undefined) {
      event.preventDefault();
      actions.check();
      return;
    }
    if (!bare || event.repeat || isTyping(event.target) || find("dialog[open]") !== null) return;
    if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) {
      event.preventDefault();
      showKeys();
    } else if (event.shiftKey) return;
    else if (event.key === "/" || event.code === "Slash") {
      event.preventDefault();
      search();
    }
    else if (event.code === "KeyG") pair = event.timeStamp;
    else if (event.code === "KeyM" && event.timeStamp - pair < pairTime) follow("map");
    else if (event.code === "KeyN") follow("next");
    else if (event.code === "KeyP") follow("previous");
  });
  for (const button of document.querySelectorAll("[data-show-keys]")) button.addEventListener("click", showKeys);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "radio" && target.type !== "checkbox";
  return target.isContentEditable || target.closest("textarea, select, .cm-editor, .terminal-box") !== null;
}

function follow(name: string): void {
  find<HTMLAnchorElement>(`a[data-go="${name}"]`)?.click();
}

/** To the search field, or to the search page where the header has no room for one. */
function search(): void {
  const field = find<HTMLInputElement>("[data-find]");
  if (field !== null && field.offsetParent !== null) field.select();
  else find<HTMLAnchorElement>(".top-find-link")?.click();
}

export function showKeys(): void {
  const rows = t.keyList.map(([keys, what]) =>
    h("div", { class: "key-line" },
      h("dt", {}, ...keys.map((key) => h("kbd", {}, key))), h("dd", {}, what)));
  openDialog(t.keysTitle, h("dl", { class: "key-list" }, ...rows));
}
