// Input that the server has not yet acknowledged. It is numbered from 0 over the life of a client id, so that it can be
// sent again after a reconnect without being taken twice.

/** The server takes no larger messages than 256 KiB; a large paste is cut. */
const mostInFrame = 64 * 1024;

export class InputQueue {
  /** Number of the first byte that is still kept. */
  private base = 0;
  private kept: Uint8Array = new Uint8Array(0);
  /** How many of the kept bytes have been handed to a socket, at any time. */
  private sent = 0;

  get next(): number {
    return this.base + this.kept.length;
  }

  get pending(): boolean {
    return this.kept.length > 0;
  }

  push(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.kept.length + bytes.length);
    joined.set(this.kept);
    joined.set(bytes, this.kept.length);
    this.kept = joined;
  }

  /** The server has everything before `next`. Gives `false` when it knows less than it had acknowledged: it began anew. */
  acknowledge(next: number): boolean {
    if (next < this.base) return false;
    const taken = Math.min(next - this.base, this.kept.length);
    this.kept = this.kept.slice(taken);
    this.sent = Math.max(0, this.sent - taken);
    this.base += taken;
    return true;
  }

  /**
   * The server has forgotten this client. What was sent before may have reached the shell or not; a command that runs
   * twice does more harm than one that must be typed again, so only what was never sent is kept.
   */
  beginAnew(): void {
    this.kept = this.kept.slice(this.sent);
    this.sent = 0;
    this.base = 0;
  }

  /** Frames with the bytes that were never sent. */
  fresh(): Uint8Array<ArrayBuffer>[] {
    return this.frames(this.sent);
  }

  /** Frames with everything that is not acknowledged, for a new connection. */
  everything(): Uint8Array<ArrayBuffer>[] {
    return this.frames(0);
  }

  private frames(start: number): Uint8Array<ArrayBuffer>[] {
    const frames: Uint8Array<ArrayBuffer>[] = [];
    for (let at = start; at < this.kept.length; at += mostInFrame) {
      const bytes = this.kept.subarray(at, at + mostInFrame);
      const frame = new Uint8Array(8 + bytes.length);
      new DataView(frame.buffer).setBigUint64(0, BigInt(this.base + at));
      frame.set(bytes, 8);
      frames.push(frame);
    }
    this.sent = this.kept.length;
    return frames;
  }
}

/** A frame of output: number of its first byte, and the bytes. */
export function readFrame(data: ArrayBuffer): { first: number; bytes: Uint8Array } | null {
  if (data.byteLength < 8) return null;
  const first = Number(new DataView(data).getBigUint64(0));
  return { first, bytes: new Uint8Array(data, 8) };
}
