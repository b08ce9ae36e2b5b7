import assert from "node:assert/strict";
import { test } from "node:test";
import { InputQueue, readFrame } from "../src/terminal/input.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (frame: Uint8Array<ArrayBuffer>) => {
  const read = readFrame(frame.buffer);
  assert.ok(read !== null);
  return { first: read.first, text: new TextDecoder().decode(read.bytes) };
};

test("fresh bytes are sent once, everything again after a reconnect", () => {
  const queue = new InputQueue();
  queue.push(bytes("ls"));
  queue.push(bytes("\r"));
  assert.deepEqual(queue.fresh().map(parse), [{ first: 0, text: "ls\r" }]);
  assert.deepEqual(queue.fresh(), []);
  queue.push(bytes("x"));
  assert.ok(queue.acknowledge(2));
  assert.deepEqual(queue.everything().map(parse), [{ first: 2, text: "\rx" }]);
});

test("acknowledged bytes are never sent again", () => {
  const queue = new InputQueue();
  queue.push(bytes("rm -r x\r"));
  queue.fresh();
  assert.ok(queue.acknowledge(8));
  assert.deepEqual(queue.everything(), []);
  assert.equal(queue.pending, false);
  assert.equal(queue.next, 8);
});

test("a server that forgot us gets only what was never sent", () => {
  const queue = new InputQueue();
  queue.push(bytes("abc"));
  queue.fresh();
  assert.ok(queue.acknowledge(2));
  queue.push(bytes("de"));
  assert.equal(queue.acknowledge(0), false);
  queue.beginAnew();
  assert.deepEqual(queue.everything().map(parse), [{ first: 0, text: "de" }]);
});

test("a large paste is cut into frames that follow each other", () => {
  const queue = new InputQueue();
  queue.push(new Uint8Array(150_000).fill(0x61));
  const frames = queue.fresh().map(parse);
  assert.deepEqual(frames.map((frame) => frame.first), [0, 65_536, 131_072]);
  assert.equal(frames.reduce((sum, frame) => sum + frame.text.length, 0), 150_000);
});

test("numbers beyond 32 bits survive", () => {
  const frame = new Uint8Array(9);
  new DataView(frame.buffer).setBigUint64(0, 2n ** 40n + 3n);
  assert.equal(readFrame(frame.buffer)?.first, 2 ** 40 + 3);
  assert.equal(readFrame(new ArrayBuffer(7)), null);
});
