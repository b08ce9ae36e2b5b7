import assert from "node:assert/strict";
import { test } from "node:test";
import { difference } from "../src/editor/difference.ts";

const apply = (before: string, after: string) => {
  const change = difference(before, after);
  return change === null ? before : before.slice(0, change.from) + change.insert + before.slice(change.to);
};

test("equal texts need no change", () => {
  assert.equal(difference("abc", "abc"), null);
});

test("what stands before and after keeps its place", () => {
  assert.deepEqual(difference("FROM a\nRUN b\n", "FROM a\nRUN c\n"), { from: 11, to: 12, insert: "c" });
  assert.deepEqual(difference("aa", "aaa"), { from: 2, to: 2, insert: "a" });
});

test("a character of two units is never cut", () => {
  const change = difference("x\u{1f600}y", "x\u{1f601}y");
  assert.deepEqual(change, { from: 1, to: 3, insert: "\u{1f601}" });
});

test("every pair of small texts is turned into the other", () => {
  const letters = ["", "a", "b", "\u{1f600}", "\u{1f601}"];
  const words = letters.flatMap((one) => letters.flatMap((two) => letters.map((three) => one + two + three)));
  for (const before of words) for (const after of words) assert.equal(apply(before, after), after);
});
