// One xterm.js screen with its connection. Loaded when a terminal is first shown.

import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import { copyText } from "../clipboard.ts";
import { onTheme } from "../theme.ts";
import { type LinkState, TerminalLink } from "./link.ts";
import { terminalTheme } from "./colors.ts";

export interface ScreenHandlers {
  allowed(): boolean;
  state(state: LinkState): void;
  exit(): void;
  error(message: string): void;
  /** The learner wants to leave the terminal by keyboard. */
  leave(): void;
}

/** So many bytes may wait to be drawn; beyond, the connection is let go and the scrollback asked for when we are done. */
const mostWaiting = 8 * 1024 * 1024;
const twice = 450;
const encoder = new TextEncoder();

export class Screen {
  readonly link: TerminalLink;
  private readonly terminal: Terminal;
  private readonly fitter = new FitAddon();
  private replaying = 0;
  private waiting = 0;
  private escapedAt = 0;
  private ended = false;
  /** The phone's key row has armed Ctrl for the next key. */
  ctrl = false;
  onCtrlUsed = () => {};

  constructor(
    private readonly box: HTMLElement,
    number: number,
    label: string,
    private readonly handlers: ScreenHandlers,
  ) {
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
      fontSize: 14,
      lineHeight: 1.2,
      scrollback: 10_000,
      minimumContrastRatio: 4.5,
      theme: terminalTheme(),
    });
    this.terminal.loadAddon(this.fitter);
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = "11";
    this.terminal.open(box);
    this.terminal.textarea?.setAttribute("aria-label", label);

    this.link = new TerminalLink(`/ws/terminal/${number}`, {
      output: (bytes, replay) => this.write(bytes, replay),
      clear: () => this.terminal.reset(),
      allowed: handlers.allowed,
      state: handlers.state,
      exit: () => {
        this.ended = true;
        handlers.exit();
      },
      error: handlers.error,
    });
    this.silenceReplays();
    this.terminal.onData((data) => this.link.send(encoder.encode(this.withCtrl(data))));
    this.terminal.onBinary((data) => this.link.send(Uint8Array.from(data, (char) => char.charCodeAt(0))));
    this.terminal.onResize(({ cols, rows }) => this.link.resize(cols, rows));
    this.terminal.attachCustomKeyEventHandler((event) => this.key(event, handlers.leave));
    onTheme(() => (this.terminal.options.theme = terminalTheme()));
    new ResizeObserver(() => this.fit()).observe(box);
    this.fit();
  }

  focus(): void {
    this.terminal.focus();
  }

  /** Types as if the learner had; each line is ended by Enter. */
  type(text: string): void {
    this.link.send(encoder.encode(`${text.replace(/\n+$/, "").replace(/\n/g, "\r")}\r`));
    this.terminal.scrollToBottom();
  }

  /** Sends a key of the phone's key row. */
  press(sequence: string): void {
    const arrows = this.terminal.modes.applicationCursorKeysMode;
    this.link.send(encoder.encode(arrows ? sequence.replace(/^\x1b\[([ABCD])$/, "\x1bO$1") : sequence));
  }

  fit(): void {
    if (this.box.offsetParent === null || this.box.clientWidth < 40 || this.box.clientHeight < 30) return;
    this.fitter.fit();
  }

  private write(bytes: Uint8Array, replay: boolean): void {
    // Output after the end of a shell comes from a new one.
    if (this.ended) this.handlers.state("open");
    this.ended = false;
    if (replay) this.replaying += 1;
    this.waiting += bytes.length;
    const overrun = this.waiting > mostWaiting;
    if (overrun) this.link.pause();
    this.terminal.write(bytes, () => {
      if (replay) this.replaying -= 1;
      this.waiting -= bytes.length;
      if (overrun) this.link.restart();
    });
  }

  /** Programs ask the terminal who it is and where the cursor stands. In old output the one who asked is gone. */
  private silenceReplays(): void {
    const parser = this.terminal.parser;
    const silent = () => this.replaying > 0;
    parser.registerCsiHandler({ final: "c" }, silent);
    parser.registerCsiHandler({ prefix: ">", final: "c" }, silent);
    parser.registerCsiHandler({ prefix: "=", final: "c" }, silent);
    parser.registerCsiHandler({ final: "n" }, silent);
    parser.registerCsiHandler({ prefix: "?", final: "n" }, silent);
    parser.registerCsiHandler({ intermediates: "$", final: "p" }, silent);
    parser.registerCsiHandler({ prefix: "?", intermediates: "$", final: "p" }, silent);
    parser.registerCsiHandler({ prefix: ">", final: "q" }, silent);
    parser.registerCsiHandler({ final: "t" }, silent);
    parser.registerDcsHandler({ intermediates: "$", final: "q" }, silent);
    for (const number of [4, 10, 11, 12]) {
      parser.registerOscHandler(number, (data) => silent() && data.includes("?"));
    }
  }

  private key(event: KeyboardEvent, leave: () => void): boolean {
    if (event.type !== "keydown" || event.isComposing || event.keyCode === 229) return true;
    const primary = event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey;
    if (primary && event.code === "KeyC") {
      if (this.terminal.hasSelection()) copyText(this.terminal.getSelection(), this.terminal.textarea ?? undefined);
      event.preventDefault();
      return false;
    }
    // The browser's own paste reaches xterm as a paste event, brackets and all.
    if (primary && event.code === "KeyV") return false;
    if (event.ctrlKey && (event.code === "Backquote" || event.code === "Enter")) return false;
    if (primary && event.code === "Escape") {
      event.preventDefault();
      leave();
      return false;
    }
    if (event.code === "Escape" && !event.ctrlKey && !event.altKey && !event.repeat) return this.escape(event, leave);
    return true;
  }

  /** Escape twice leaves, but not out of full-screen programs: in vim Escape is pressed all the time. */
  private escape(event: KeyboardEvent, leave: () => void): boolean {
    const soon = event.timeStamp - this.escapedAt < twice;
    this.escapedAt = event.timeStamp;
    if (!soon || this.terminal.buffer.active.type === "alternate") return true;
    this.escapedAt = 0;
    event.preventDefault();
    leave();
    return false;
  }

  private withCtrl(data: string): string {
    if (!this.ctrl || data.length !== 1) return data;
    this.ctrl = false;
    this.onCtrlUsed();
    const code = data.toUpperCase().charCodeAt(0);
    return code >= 0x40 && code < 0x60 ? String.fromCharCode(code - 0x40) : data;
  }
}
