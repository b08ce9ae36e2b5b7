// The terminals of the pane: up to four tabs, each with a screen that is made when it is first shown.

import { asFailure, startSandbox } from "../api.ts";
import { announce } from "../announce.ts";
import { h, replace } from "../dom.ts";
import { onLine, onServerEvent, status } from "../events.ts";
import { icon } from "../icons.ts";
import type { SandboxState } from "../protocol.ts";
import { lazy } from "../lazy.ts";
import type { Tabs } from "../layout/tabs.ts";
import { recall, remember } from "../store.ts";
import { t } from "../strings.ts";
import { keyRow } from "./keyrow.ts";
import type { LinkState } from "./link.ts";
import { Notice } from "./notice.ts";
import type { Screen } from "./screen.ts";

const most = 4;

interface Entry {
  number: number;
  panel: HTMLElement;
  box: HTMLElement;
  line: HTMLElement;
  notice: Notice;
  screen?: Screen;
  loading?: Promise<void> | undefined;
  /** What the server said last about why there is no terminal. */
  trouble?: string | undefined;
}

export class Terminals {
  readonly addButton: HTMLButtonElement;
  private readonly entries = new Map<number, Entry>();
  private current = 1;
  private failure: { message: string; next: string } | undefined;
  private starting = false;
  private lastState: SandboxState | undefined;
  /** What is to be typed as soon as the terminal is there. */
  private waitingText: string[] = [];
  private wantsFocus = false;

  constructor(private readonly tabs: Tabs) {
    this.addButton = h("button", {
      type: "button", class: "tab-add", title: t.newTerminal, "aria-label": t.newTerminal, onclick: () => this.addNext(),
    }, icon("plus"));
    for (const number of rememberedNumbers()) this.add(number);
    onServerEvent((event) => {
      if (event.type === "status") this.statusChanged(event.status.state);
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && status()?.state === "idle" && this.visible) void this.start();
    });
    onLine((online) => {
      if (online) for (const entry of this.entries.values()) entry.screen?.link.hurry("anew");
    });
  }

  static id(number: number): string {
    return `terminal-${number}`;
  }

  /** The tab of a terminal was chosen and can be seen. */
  shown(number: number): void {
    const entry = this.entries.get(number);
    if (entry === undefined) return;
    this.current = number;
    const state = status()?.state;
    // A visit wakes the sandbox. One that fell asleep while the page was open waits for the learner to come back.
    if ((state === "stopped" || state === "idle") && entry.screen === undefined) void this.start();
    this.update(entry);
    entry.screen?.fit();
  }

  focus(): void {
    const screen = this.entries.get(this.current)?.screen;
    if (screen === undefined) this.wantsFocus = true;
    else screen.focus();
  }

  get number(): number {
    return this.current;
  }

  /** Types text into the terminal that is shown; it waits while the sandbox is still starting. */
  type(text: string): void {
    const entry = this.entries.get(this.current);
    if (entry?.screen !== undefined && status()?.state === "ready") {
      entry.screen.type(text);
      return;
    }
    const state = status()?.state;
    // Without an engine the notice says so; the text would come as a surprise much later.
    if (state === "no-engine") return;
    this.waitingText.push(text);
    if (state === "stopped" || state === "idle" || state === "failed") void this.start();
  }

  private add(number: number): void {
    const box = h("div", { class: "terminal-box" });
    const line = h("p", { class: "terminal-line", role: "status", hidden: true });
    const notice = new Notice(() => void this.start());
    const panel = h("div", { class: "panel terminal" }, box, notice.element, line,
      keyRow(() => this.entries.get(number)?.screen));
    this.entries.set(number, { number, panel, box, line, notice });
    const later = [...this.entries.keys()].filter((other) => other > number).sort()[0];
    this.tabs.add(Terminals.id(number), t.terminal(number), panel, later === undefined ? "files" : Terminals.id(later));
    this.addButton.hidden = this.entries.size >= most;
    remember("terminals", [...this.entries.keys()].join(","));
  }

  private addNext(): void {
    for (let number = 1; number <= most; number += 1) {
      if (this.entries.has(number)) continue;
      this.add(number);
      this.tabs.select(Terminals.id(number));
      this.focus();
      return;
    }
  }

  private remove(number: number): void {
    const focused = this.entries.get(number)?.panel.contains(document.activeElement) === true;
    this.entries.get(number)?.screen?.link.close();
    this.entries.delete(number);
    this.tabs.remove(Terminals.id(number));
    this.addButton.hidden = false;
    remember("terminals", [...this.entries.keys()].join(","));
    if (focused) this.focus();
  }

  private get visible(): boolean {
    return this.entries.get(this.current)?.panel.offsetParent !== null;
  }

  private statusChanged(state: SandboxState): void {
    if (state !== this.lastState) this.failure = undefined;
    this.lastState = state;
    const entry = this.entries.get(this.current);
    if (entry === undefined || !this.visible) return;
    // A server that began anew has stopped sandboxes; one that fell asleep under our eyes is left asleep.
    const wants = state === "stopped" || (state === "idle" && entry.screen === undefined);
    if (wants && this.failure === undefined && !document.hidden) void this.start();
    this.update(entry);
  }

  private async start(): Promise<void> {
    if (this.starting) return;
    this.starting = true;
    this.failure = undefined;
    try {
      await startSandbox();
    } catch (error) {
      const { message, next } = asFailure(error);
      this.failure = { message, next };
    } finally {
      this.starting = false;
    }
    const entry = this.entries.get(this.current);
    if (entry !== undefined) this.update(entry);
  }

  private update(entry: Entry): void {
    const now = status();
    if (now?.state !== "ready") {
      // While a wish to start is on its way, the old state is not shown as if nothing had been asked for.
      const quiet = this.starting && (now?.state === "stopped" || now?.state === "idle");
      entry.notice.show(quiet ? { ...now, state: "starting", message: "", next: "" } : now, this.failure);
      return;
    }
    entry.loading ??= this.load(entry).catch((error: unknown) => {
      // The code of the terminal could not be fetched; the next status or the learner's button tries again.
      entry.loading = undefined;
      const { message, next } = asFailure(error);
      entry.notice.show(now, { message, next });
    });
    entry.screen?.link.hurry();
    if (entry.screen !== undefined) entry.notice.hide();
    else entry.notice.show({ ...now, state: "starting" });
  }

  private async load(entry: Entry): Promise<void> {
    const { number } = entry;
    const { Screen } = await lazy(() => import("./screen.ts"));
    const leave = () => {
      this.tabs.focus(Terminals.id(number));
      announce(t.leftTerminal);
    };
    entry.notice.hide();
    entry.screen = new Screen(entry.box, number, t.terminalLabel(number), {
      allowed: () => status()?.state === "ready",
      state: (state) => this.linkChanged(entry, state),
      exit: () => (number === 1 ? say(entry, t.shellEnded) : this.remove(number)),
      error: (message) => {
        entry.trouble = message;
        say(entry, message);
      },
      leave,
    });
    entry.screen.link.open();
    if (this.wantsFocus && number === this.current) entry.screen.focus();
    this.wantsFocus = false;
    for (const text of this.waitingText.splice(0)) entry.screen.type(text);
  }

  private linkChanged(entry: Entry, state: LinkState): void {
    if (state === "broken") say(entry, entry.trouble ?? t.linkBroken);
    if (state === "open") {
      entry.trouble = undefined;
      say(entry, "");
      for (const text of this.waitingText.splice(0)) entry.screen?.type(text);
    }
  }
}

function say(entry: Entry, text: string): void {
  entry.line.hidden = text === "";
  replace(entry.line, text);
}

function rememberedNumbers(): number[] {
  const numbers = (recall("terminals") ?? "1").split(",").map(Number);
  const valid = new Set(numbers.filter((number) => Number.isInteger(number) && number >= 1 && number <= most));
  valid.add(1);
  return [...valid].sort();
}
