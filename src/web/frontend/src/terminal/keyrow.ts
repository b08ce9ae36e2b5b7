// Keys that a phone's keyboard does not have. The row does not take the focus, so that the keyboard stays open.

import { h } from "../dom.ts";
import { t } from "../strings.ts";
import type { Screen } from "./screen.ts";

export function keyRow(screen: () => Screen | undefined): HTMLElement {
  const key = (label: string, name: string | null, press: (screen: Screen) => void) =>
    h("button", {
      type: "button", class: "key", "aria-label": name,
      onpointerdown: (event: PointerEvent) => event.preventDefault(),
      onclick: () => {
        const target = screen();
        if (target === undefined) return;
        press(target);
        target.focus();
      },
    }, label);

  const ctrl = key("Ctrl", null, (target) => {
    target.ctrl = !target.ctrl;
    ctrl.setAttribute("aria-pressed", String(target.ctrl));
    target.onCtrlUsed = () => ctrl.setAttribute("aria-pressed", "false");
  });
  ctrl.setAttribute("aria-pressed", "false");

  return h("div", { class: "key-row", role: "toolbar", "aria-label": t.keys.row },
    key("Esc", null, (target) => target.press("\x1b")),
    key("Tab", null, (target) => target.press("\t")),
    ctrl,
    key("←", t.keys.left, (target) => target.press("\x1b[D")),
    key("↑", t.keys.up, (target) => target.press("\x1b[A")),
    key("↓", t.keys.down, (target) => target.press("\x1b[B")),
    key("→", t.keys.right, (target) => target.press("\x1b[C")));
}
