// The connection of one terminal: one WebSocket after the other, with nothing lost and nothing twice between them.

import type { TerminalClient, TerminalServer } from "../protocol.ts";
import { InputQueue, readFrame } from "./input.ts";

export type LinkState = "connecting" | "open" | "broken" | "closed";

export interface LinkHandlers {
  /** Whether the sandbox is up. Asking for a terminal wakes a sleeping one, which is for the learner to decide. */
  allowed(): boolean;
  /** Output in order. `replay`: it was made before this page saw the terminal, so its questions are not answered. */
  output(bytes: Uint8Array, replay: boolean): void;
  /** What was shown is no longer true; the whole scrollback comes anew. */
  clear(): void;
  state(state: LinkState): void;
  exit(): void;
  error(message: string): void;
}

/** After so long without an acknowledgement the connection counts as dead, although the browser still believes in it. */
const silence = 10_000;
/** The same before the first answer, which may have to wait for the sandbox. */
const unanswered = 40_000;
/** Output comes in frames of at most this many bytes. */
const fullFrame = 16 * 1024;

export class TerminalLink {
  private readonly input = new InputQueue();
  private socket: WebSocket | undefined;
  private client = randomId();
  /** Number of the next output byte that we want; nothing before the first `ready`. */
  private wanted: number | null = null;
  private replay = false;
  private ready = false;
  private delay = 250;
  private retry: number | undefined;
  private watchdog: number | undefined;
  private cols = 80;
  private rows = 24;
  private closed = true;

  constructor(
    private readonly url: string,
    private readonly handlers: LinkHandlers,
  ) {}

  open(): void {
    if (!this.closed) return;
    this.closed = false;
    this.delay = 250;
    this.connect();
  }

  close(): void {
    this.closed = true;
    this.drop();
    this.handlers.state("closed");
  }

  /** Tries at once instead of waiting for the next turn. `anew`: also when a try is on its way (over a dead network). */
  hurry(anew: "anew" | "" = ""): void {
    if (this.closed || this.ready) return;
    if (this.socket !== undefined && anew === "") return;
    this.delay = 250;
    this.drop();
    this.connect();
  }

  send(bytes: Uint8Array): void {
    this.input.push(bytes);
    this.flush();
  }

  resize(cols: number, rows: number): void {
    if (cols === this.cols && rows === this.rows) return;
    this.cols = cols;
    this.rows = rows;
    if (this.ready) this.say({ type: "resize", cols, rows });
  }

  /** Lets the connection go until `restart`, because the page cannot keep up with the output. */
  pause(): void {
    this.closed = true;
    this.drop();
  }

  /** Forgets what was shown and asks for the whole scrollback. */
  restart(): void {
    this.closed = false;
    this.wanted = null;
    this.drop();
    this.handlers.clear();
    this.connect();
  }

  private connect(): void {
    if (!this.handlers.allowed()) return;
    const url = new URL(this.url, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.handlers.state("connecting");
    this.watchdog = window.setTimeout(() => this.lost(), unanswered);
    socket.onopen = () => {
      const { client, cols, rows } = this;
      this.say({ type: "hello", client, resume: this.wanted, cols, rows });
    };
    socket.onmessage = (message: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== this.socket) return;
      if (typeof message.data === "string") this.hear(JSON.parse(message.data) as TerminalServer);
      else this.take(message.data);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  private hear(message: TerminalServer): void {
    switch (message.type) {
      case "ready":
        this.begin(message.output, message.input);
        break;
      case "ack":
        this.input.acknowledge(message.input);
        this.watch();
        break;
      case "exit":
        this.handlers.exit();
        break;
      case "error":
        this.handlers.error(message.message);
        break;
    }
  }

  private begin(output: number, input: number): void {
    if (!this.input.acknowledge(input)) {
      this.input.beginAnew();
      this.client = randomId();
      this.drop();
      this.connect();
      return;
    }
    // A terminal that began anew counts from 0 again; what stands on the screen is from another shell.
    if (this.wanted !== null && output < this.wanted) this.handlers.clear();
    this.replay = this.wanted === null || output < this.wanted;
    this.wanted = output;
    this.ready = true;
    this.delay = 250;
    this.handlers.state("open");
    // The size that `hello` told may be old by now.
    this.say({ type: "resize", cols: this.cols, rows: this.rows });
    for (const frame of this.input.everything()) this.socket?.send(frame);
    this.watch();
  }

  private take(data: ArrayBuffer): void {
    const frame = readFrame(data);
    if (frame === null || this.wanted === null) return;
    const known = this.wanted - frame.first;
    if (known < 0) {
      // Something is missing between what we have and this frame: ask again from where we are.
      this.drop();
      this.connect();
      return;
    }
    if (known >= frame.bytes.length) return;
    this.wanted = frame.first + frame.bytes.length;
    this.handlers.output(frame.bytes.subarray(known), this.replay);
    // The scrollback comes in full frames and ends with a shorter one; everything after it is made now.
    if (frame.bytes.length < fullFrame) this.replay = false;
  }

  private flush(): void {
    if (!this.ready || this.socket?.readyState !== WebSocket.OPEN) return;
    for (const frame of this.input.fresh()) this.socket.send(frame);
    if (this.watchdog === undefined) this.watch();
  }

  private watch(): void {
    window.clearTimeout(this.watchdog);
    this.watchdog = undefined;
    if (!this.input.pending || !this.ready) return;
    this.watchdog = window.setTimeout(() => {
      this.drop();
      this.connect();
    }, silence);
  }

  private lost(): void {
    this.drop();
    if (this.closed) return;
    this.handlers.state("broken");
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => this.connect(), this.delay * (0.75 + Math.random() / 2));
    this.delay = Math.min(this.delay * 2, 10_000);
  }

  private drop(): void {
    window.clearTimeout(this.retry);
    window.clearTimeout(this.watchdog);
    this.watchdog = undefined;
    this.ready = false;
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
  }

  private say(message: TerminalClient): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}

/** Without `crypto.randomUUID`, which browsers give to secure origins only. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
