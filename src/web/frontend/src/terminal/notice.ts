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
    if (failure !== undefined) return this.failed(failure.message, failure.next);
    switch (status?.state) {
      case undefined:
        return this.shape(t.waitsForServer, "");
      case "starting":
        return this.shape(t.waitsForSandbox, "");
      case "preparing":
        return this.preparing(status);
      case "no-engine":
        return this.problem("off", t.noEngine, status.message, status.next, t.lookAgain);
      case "failed":
        return this.failed(status.message, status.next);
      case "idle":
        return this.problem("asleep", t.asleep, status.message || t.asleepWhy, status.next, t.wake);
      case "stopped":
        return this.problem("off", t.notStarted, status.message, status.next, t.startSandbox);
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
        status.message !== "" && h("p", {}, prose(status.message)),
        status.next !== "" && h("p", { class: "quiet" }, prose(status.next))),
    );
  }

  private failed(message: string, next: string): void {
    this.problem("fault", t.notStartable, message, next, t.tryAgainButton);
  }

  private problem(name: Parameters<typeof icon>[0], title: string, message: string, next: string, button: string): void {
    replace(
      this.element,
      h("div", { class: "notice-card" },
        h("p", { class: "notice-title" }, icon(name), title),
        message !== "" && h("p", {}, prose(message)),
        next !== "" && h("p", { class: "quiet" }, prose(next)),
        h("p", {}, h("button", { type: "button", class: "button", onclick: this.start }, button))),
    );
  }
}
