// Modal dialogs on the browser's own element: focus stays in, Escape closes, and comes back to where it was.

import { freshId, h } from "../dom.ts";
import { icon } from "../icons.ts";
import { t } from "../strings.ts";

export function openDialog(title: string, ...content: (Node | false)[]): HTMLDialogElement {
  document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
  const id = freshId("dialog");
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": id },
    h("div", { class: "dialog-head" },
      h("h2", { id }, title),
      h("button", { type: "button", class: "icon-button", "aria-label": t.close, title: `${t.close} (Esc)`,
        onclick: () => dialog.close() }, icon("close"))),
    h("div", { class: "dialog-body" }, ...content));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.appendChild(dialog);
  dialog.showModal();
  return dialog;
}
