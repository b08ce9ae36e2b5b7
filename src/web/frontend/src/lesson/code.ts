// Code in lessons: a run button that types it into the terminal, a copy button, and colours.

import { announce } from "../announce.ts";
import { copyText } from "../clipboard.ts";
import { h, replace } from "../dom.ts";
import { icon } from "../icons.ts";
import { lazy } from "../lazy.ts";
import type { Pane } from "../pane.ts";
import { t } from "../strings.ts";

/** Adds the buttons to every code figure in `root`. */
export function enhanceCode(root: ParentNode, pane: Pane | undefined): void {
  for (const figure of root.querySelectorAll<HTMLElement>("figure.code")) {
    if (figure.querySelector(".code-buttons") !== null) continue;
    const text = () => figure.querySelector("code")?.textContent ?? "";
    const runs = figure.hasAttribute("data-run") && pane !== undefined;
    const copy = h("button", {
      type: "button", class: "code-button", title: t.copy, "aria-label": t.copy,
      onclick: () => {
        const copied = copyText(copyable(text(), figure.dataset["lang"] ?? ""), copy);
        announce(copied ? t.copied : t.notCopied);
        replace(copy, icon(copied ? "done" : "fail"), copied ? t.copied : t.notCopied);
        window.setTimeout(() => replace(copy, icon("copy")), 1500);
      },
    }, icon("copy"));
    const run = runs && h("button", {
      type: "button", class: "code-button code-run", title: t.runTitle, onclick: () => {
        pane.run(text());
        announce(t.typed);
      },
    }, icon("run"), t.run);
    const caption = figure.querySelector("figcaption") ?? figure.insertBefore(h("figcaption"), figure.firstChild);
    caption.append(h("span", { class: "code-buttons" }, run, copy));
    // What scrolls sideways must be reachable by keyboard.
    const pre = figure.querySelector("pre");
    if (pre !== null && pre.scrollWidth > pre.clientWidth) pre.tabIndex = 0;
  }
}

/** A transcript is copied without its prompts and without what was printed, so that it can be pasted and run. */
function copyable(text: string, lang: string): string {
  if (lang !== "console") return text.replace(/\n$/, "");
  const commands = text.split("\n").filter((line) => /^[$#] /.test(line)).map((line) => line.slice(2));
  return commands.length > 0 ? commands.join("\n") : text.replace(/\n$/, "");
}

export async function highlightIn(root: ParentNode): Promise<void> {
  const blocks = root.querySelectorAll<HTMLElement>("figure.code code");
  if (blocks.length === 0) return;
  const { highlight } = await lazy(() => import("./highlight.ts"));
  for (const block of blocks) highlight(block);
}
