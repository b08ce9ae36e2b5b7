import assert from "node:assert/strict";
import { test } from "node:test";
import { quoted, readAnswers, readCommand, writeAnswers, writeCommand } from "../src/exercise/answers.ts";

const starter = `# 콜론 뒤에 선택지의 이름을 쓰세요.
# Write an option's name after the colon.
lost-file:
build-time:
`;

test("answers take the place of the empty ones, and remarks stay", () => {
  const text = writeAnswers(starter, new Map([["lost-file", ["own-layer"]], ["build-time", ["run-pip", "copy-code"]]]));
  assert.equal(text, `# 콜론 뒤에 선택지의 이름을 쓰세요.
# Write an option's name after the colon.
lost-file: own-layer
build-time: [run-pip, copy-code]
`);
  assert.deepEqual([...readAnswers(text)], [["lost-file", ["own-layer"]], ["build-time", ["run-pip", "copy-code"]]]);
});

test("writing the same twice changes nothing", () => {
  const answers = new Map([["a", ["x"]], ["b", []], ["c", ["it's \"8080: 80\""]]]);
  const once = writeAnswers("", answers);
  assert.equal(writeAnswers(once, answers), once);
});

// `checker/src/assert/answer/tests.rs` reads these lines.
test("what YAML would misread is quoted", () => {
  const lines: [string, string][] = [
    ["own-layer", "own-layer"], ["null", '"null"'], ["1000", '"1000"'], ["8080: 80 # no comment", '"8080: 80 # no comment"'],
    ['echo "it\'s" \\n', '"echo \\"it\'s\\" \\\\n"'], ["이미지", '"이미지"'], ["a\u0085b\tc", '"a\\u0085b\\tc"'],
    ["", '""'], ["- x", '"- x"'], ["No", '"No"'], ["a\nb", '"a\\nb"'], ["\ud800", '"\ufffd"'], ["\u{1f433}", '"\u{1f433}"'],
  ];
  for (const [text, wanted] of lines) assert.equal(quoted(text), wanted);
});

test("every text comes back as it was written", () => {
  const letters = ["a", "-", ":", " ", "#", "'", '"', "\\", "[", "]", ",", "{", "}", "\n", "\t", "가", "~", "&", "*", "!", "|", ">", "%", "@", "`", "0", "\u2028"];
  for (const one of letters) for (const two of letters) for (const three of letters) {
    const text = one + two + three;
    if (text.trim() === "") continue;
    for (const answer of [[text], [text, "b"]]) {
      assert.deepEqual(readAnswers(writeAnswers("x: 1\n", new Map([["q", answer]]))).get("q"), answer);
    }
  }
});

test("the answers of other questions stay, letter by letter", () => {
  const other = `---
other: 'it''s' # mine
list:
  - a
  - "b"
lines:
- c
- d
flow: [e,
  f]
long: |
  one: 1
  q: 2
`;
  const text = writeAnswers(`${other}q: old\n# below\n`, new Map([["q", ["new"]]]));
  assert.equal(text, `${other}q: new\n# below\n`);
  assert.deepEqual(Object.fromEntries(readAnswers(text)), {
    other: ["it's"], list: ["a", "b"], lines: ["c", "d"], flow: ["e", "f"], long: ["one: 1\nq: 2"], q: ["new"],
  });
});

test("an answer over several lines is replaced as a whole", () => {
  for (const old of ["q:\n  - a\n  - b\n", "q:\n- a\n\n- b\n", "q: [a,\n  b,\n]\n", "q: >\n  a\n  b\n", "q: a\n  b\n", "'q': a\n", '"q" : a\n', "q: a\r\n"]) {
    assert.equal(writeAnswers(`${old}r: c\n`, new Map([["q", ["new"]]])).replaceAll("\r", ""), "q: new\nr: c\n", JSON.stringify(old));
  }
});

test("a question that stands twice is left once", () => {
  assert.equal(writeAnswers("q: a\nq: b\n", new Map([["q", ["c"]]])), "q: c\n");
});

test("what is no answer at all becomes a remark", () => {
  assert.equal(writeAnswers("{q: a}\nhello\n", new Map([["q", ["b"]]])), "# {q: a}\n# hello\nq: b\n");
  assert.equal(writeAnswers("r: a\nhello\n", new Map([["q", ["b"]]])), "r: a\n# hello\nq: b\n");
});

test("remarks and empty values are no answers", () => {
  const read = (text: string) => readAnswers(text).get("q");
  assert.deepEqual(read("q: a # why"), ["a"]);
  assert.deepEqual(read("q: a#b"), ["a#b"]);
  assert.deepEqual(read("q: http://a:80"), ["http://a:80"]);
  for (const none of ["q:", "q: ", "q: ~", "q: null", "q: []", "q: ''", "q: # a", "# q: a"]) assert.deepEqual(read(none) ?? [], [], none);
});

test("a command takes the place of the one before", () => {
  assert.equal(writeCommand("", "docker ps"), "docker ps\n");
  assert.equal(writeCommand("#!/bin/sh\n# Your command:\n", "docker ps"), "#!/bin/sh\n# Your command:\ndocker ps\n");
  assert.equal(writeCommand("# a\ndocker ps\n\n# b\n", "docker ps -a"), "# a\ndocker ps -a\n\n# b\n");
  assert.equal(readCommand("# a\n  docker ps  \n"), "docker ps");
  assert.equal(readCommand("# a\n"), "");
  assert.equal(readCommand("docker ps\ndocker images\n"), undefined);
  assert.equal(readCommand("docker run \\\n  nginx\n"), undefined);
});
