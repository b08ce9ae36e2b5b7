// What stands where the terminal would be, while there is none: every state of the sandbox has its words and its next step.

import { h, prose, replace } from "../dom.ts";
import { icon } from "../icons.ts";
import type { SandboxStatus } from "../protocol.ts";
import { t } from "../strings.ts";

/** Loading shows its shape first; after this long it says what it waits for. */
const patience = 2000;

export class Notice {
  readonly element = h("div", { class: "notice", hidden: true });
  private timer: number | undefined;
  private shown = "";

  constructor(private readonly start: () => void) {}

  /** `failure` is set when the wish to start was refused. */
  show(status: SandboxStatus | undefined, failure?: { message: string; next: string }): void {
    const key = JSON.stringify([status?.state, status?.message, status?.next, status?.progress, failure]);
    if (key === this.shown) return;
    this.shown = key;
    window.clearTimeout(this.timer);
    this.element.hidden = false;
    if (failure !== undefined) return this.failed(failure);
    switch (status?.state) {
      case undefined:
        return this.shape(t.waitsForServer, "");
      case "starting":
        return this.shape(t.waitsForSandbox, "");
      case "preparing":
        return this.preparing(status);
      case "no-engine":
        return this.problem("off", t.noEngine, [t.noEngineWhy, t.noEngineHow], t.lookAgain, status);
      case "failed":
        return this.failed(status);
      case "idle":
        return this.problem("asleep", t.asleep, [t.asleepWhy], t.wake);
      case "stopped":
        return this.problem("off", t.notStarted, [], t.startSandbox, status);
      case "ready":
        return this.hide();
    }
  }

  hide(): void {
    window.clearTimeout(this.timer);
    this.element.hidden = true;
    this.shown = "";
  }

  private shape(message: string, next: string): void {
    const words = h("p", { class: "notice-wait", role: "status" });
    replace(this.element, h("div", { class: "shape", "aria-hidden": "true" }, h("i"), h("i"), h("i")), words);
    this.timer = window.setTimeout(() => replace(words, icon("wait"), prose(`${message} ${next}`.trim())), patience);
  }

  private preparing(status: SandboxStatus): void {
    const bar = h("progress", { max: 1, "aria-label": t.preparing });
    if (status.progress !== null) bar.value = status.progress;
    const percent = status.progress === null ? "" : ` ${Math.round(status.progress * 100)} %`;
    replace(
      this.element,
      h("div", { class: "notice-card" },
        h("p", { class: "notice-title" }, icon("wait"), t.preparing + percent),
        bar,
        h("p", {}, prose(t.preparingWhy)),
        serverWords(status)),
    );
  }

  private failed(words: ServerWords): void {
    this.problem("fault", t.notStartable, [], t.tryAgainButton, words);
  }

  private problem(name: Parameters<typeof icon>[0], title: string, why: string[], button: string, words?: ServerWords): void {
    replace(
      this.element,
      h("div", { class: "notice-card" },
        h("p", { class: "notice-title" }, icon(name), title),
        ...why.filter((line) => line !== "").map((line) => h("p", {}, prose(line))),
        words !== undefined && serverWords(words),
        h("p", {}, h("button", { type: "button", class: "button", onclick: this.start }, button))),
    );
  }
}

interface ServerWords {
  readonly message: string;
  readonly next: string;
}

/** What the server says of its own machine is for whoever runs it, and in English; elsewhere it is marked as such. */
function serverWords({ message, next }: ServerWords): HTMLElement | false {
  if (message === "" && next === "") return false;
  return h("div", { lang: "en" },
    message !== "" && h("p", {}, prose(message)),
    next !== "" && h("p", { class: "quiet" }, prose(next)));
}
