// What is said above the editor when a file cannot just be saved: two texts, a deleted file, or a server that is away.

import { h, prose } from "../dom.ts";
import { icon } from "../icons.ts";
import { t } from "../strings.ts";
import type { FileDocument } from "./document.ts";

export function conflictBar(document: FileDocument): HTMLElement | null {
  switch (document.state) {
    case "conflict":
      return h("div", { class: "bar bar-warning" },
        h("p", {}, icon("warn"), t.conflict),
        h("p", { class: "actions" },
          h("button", { type: "button", class: "button", onclick: () => void document.keepMine() }, t.keepMine),
          h("button", { type: "button", class: "button", onclick: () => document.takeTheirs() }, t.takeTheirs)),
        document.theirs?.text === null
          ? h("p", { class: "quiet" }, t.theirsNotText)
          : h("details", {}, h("summary", {}, t.showTheirs), h("pre", { tabindex: 0 }, document.theirs?.text ?? "")));
    case "gone":
      return h("div", { class: "bar bar-warning" },
        h("p", {}, icon("warn"), t.gone),
        h("p", { class: "actions" },
          h("button", { type: "button", class: "button", onclick: () => void document.writeAgain() }, t.writeAgain)));
    case "failed":
      return h("div", { class: "bar bar-error" },
        h("p", {}, icon("fault"), prose(`${document.failure?.message ?? ""} ${t.keptHere}`.trim())));
    default:
      return null;
  }
}
