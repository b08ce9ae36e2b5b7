// Copying without a secure context: there is no Clipboard API on a plain-HTTP network address, but the old command works.

import { h } from "./dom.ts";

/** Copies and puts the focus back to where it was, or to `after`. Must be called from a click or a key. */
export function copyText(text: string, after?: HTMLElement): boolean {
  const focused = after ?? (document.activeElement as HTMLElement | null);
  const area = h("textarea", { class: "unseen", "aria-hidden": "true", tabindex: -1, readonly: true });
  area.value = text;
  // A modal dialog makes everything outside it inert, also our helper.
  (document.querySelector("dialog[open]") ?? document.body).appendChild(area);
  area.select();
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  area.remove();
  focused?.focus({ preventScroll: true });
  if (!copied && navigator.clipboard !== undefined) {
    void navigator.clipboard.writeText(text);
    return true;
  }
  return copied;
}
