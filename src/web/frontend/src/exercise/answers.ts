// `answers.yaml` and command files, read and written line by line: what we do not know stays as the learner left it.

/** The answers to questions, by the check's id. A free answer is a list of one. */
export type Answers = Map<string, string[]>;

interface Entry {
  /** Nothing for lines before the first question. */
  key: string | undefined;
  lines: string[];
}

const keyLine = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#"'[\]{}&*!|>%@`,:-][^#]*?|-[^\s#:][^#]*?)) *:(?=\s|$)(.*)$/;

/** Every answer in the file. What cannot be read as an answer is none. */
export function readAnswers(text: string): Answers {
  const answers: Answers = new Map();
  for (const entry of entries(text)) {
    if (entry.key !== undefined) answers.set(entry.key, valueOf(entry.lines));
  }
  return answers;
}

/** The file with these answers in it. A question with no answer keeps its key, other questions and comments stay. */
export function writeAnswers(text: string, answers: Answers): string {
  const ours = new Set<string>();
  const out: string[] = [];
  for (const { key, lines } of entries(text)) {
    const answer = key === undefined ? undefined : answers.get(key);
    if (key === undefined) {
      out.push(...lines.map((line) => (isQuiet(line) ? line : `# ${line}`)));
    } else if (answer === undefined) {
      out.push(...lines);
    } else {
      // A question that stands there twice would make the whole file unreadable.
      if (!ours.has(key)) out.push(answerLine(key, answer));
      ours.add(key);
      out.push(...trailing(lines));
    }
  }
  for (const [key, answer] of answers) if (!ours.has(key)) out.push(answerLine(key, answer));
  return out.join("\n") + "\n";
}

function answerLine(key: string, answer: string[]): string {
  const [first] = answer;
  if (first === undefined) return `${quoted(key)}:`;
  return `${quoted(key)}: ${answer.length === 1 ? quoted(first) : `[${answer.map(quoted).join(", ")}]`}`;
}

/** Plain only where every YAML reader takes it for a text. */
export function quoted(text: string): string {
  const meansMore = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
  if (/^[A-Za-z][A-Za-z0-9-]*$/.test(text) && !meansMore.test(text)) return text;
  // JSON's quotes are YAML's, but for some letters that YAML does not print, and halves of letters that it does not have.
  return JSON.stringify(text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\ufffd"))
    .replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const isQuiet = (line: string) => /^\s*(?:#|$)/.test(line) || /^---\s*$/.test(line);

/** The text cut at each key of the outermost level. */
function entries(text: string): Entry[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  const found: Entry[] = [{ key: undefined, lines: [] }];
  let open = 0;
  for (const line of lines) {
    const match = open > 0 ? null : keyLine.exec(line);
    if (match !== null) {
      const [, double, single, plain] = match;
      const key = double !== undefined ? unescaped(double) : single !== undefined ? single.replaceAll("''", "'") : plain ?? "";
      found.push({ key: key.trim(), lines: [line] });
    } else {
      const last = found[found.length - 1] as Entry;
      // What begins at the margin and is neither a key, an item nor a remark belongs to no question.
      const strays = open === 0 && last.key !== undefined && /^[^\s#\-\]}]/.test(line);
      if (strays) found.push({ key: undefined, lines: [line] });
      else last.lines.push(line);
    }
    open = Math.max(0, open + depth(match?.[4] ?? (open > 0 || /^\s/.test(line) ? line : "")));
  }
  return found.filter((entry) => entry.key !== undefined || entry.lines.length > 0);
}

/** How many brackets a line leaves open. */
function depth(line: string): number {
  const bare = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, "").replace(/(?:^|\s)#.*$/, "");
  if (!/^\s*[[\]{}\w"',-]/.test(bare) || !/[[\]]/.test(bare)) return 0;
  // A bracket within a plain text opens nothing.
  if (!/^\s*\[/.test(bare) && !/\]\s*,?\s*$/.test(bare)) return 0;
  return (bare.match(/\[/g)?.length ?? 0) - (bare.match(/\]/g)?.length ?? 0);
}

/** Remarks and empty lines that stand below an answer. */
function trailing(lines: string[]): string[] {
  let at = lines.length;
  while (at > 1 && /^(?:#|\s*$)/.test(lines[at - 1] as string)) at -= 1;
  return lines.slice(at);
}

function valueOf(lines: string[]): string[] {
  const [first, ...rest] = lines;
  const inline = keyLine.exec(first ?? "")?.[4] ?? "";
  if (/^\s*[|>]/.test(inline)) return some([rest.map((line) => line.trim()).join("\n").trim()]);
  const below = rest.map(withoutRemark).filter((line) => line !== "");
  const head = withoutRemark(inline);
  if (head === "" && below.length > 0 && below.every((line) => /^-(?:\s|$)/.test(line))) {
    return some(below.map((line) => scalar(line.slice(1).trim())));
  }
  const whole = [head, ...below].join(" ").trim();
  if (!whole.startsWith("[")) return some([scalar(whole)]);
  const items = whole.slice(1).replace(/\]\s*$/, "").match(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+/g) ?? [];
  return some(items.map((item) => scalar(item.trim())));
}

const some = (texts: string[]) => texts.filter((text) => text.trim() !== "");

function withoutRemark(line: string): string {
  const match = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'#\s]#*|\s(?!#)|["'])*/.exec(line);
  return (match?.[0] ?? line).trim();
}

function scalar(text: string): string {
  if (/^".*"$/s.test(text) && text.length > 1) return unescaped(text.slice(1, -1));
  if (/^'.*'$/s.test(text) && text.length > 1) return text.slice(1, -1).replaceAll("''", "'");
  return /^(?:~|null|Null|NULL)$/.test(text) ? "" : text;
}

function unescaped(text: string): string {
  const named: Record<string, string> = { n: "\n", t: "\t", r: "\r", "0": "\0", a: "\x07", b: "\b", e: "\x1b", f: "\f", v: "\v" };
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs, (whole, x, u, long, one) => {
    const code = x ?? u ?? long;
    if (code === undefined) return named[one as string] ?? (one as string);
    const value = Number.parseInt(code as string, 16);
    return value > 0x10ffff ? (whole as string) : String.fromCodePoint(value);
  });
}

/** The one command of a file; nothing where the file holds several lines of commands. Empty where there is none yet. */
export function readCommand(text: string): string | undefined {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => !/^\s*(?:#|$)/.test(line));
  const [first = "", ...more] = lines;
  return more.length > 0 ? undefined : first.trim();
}

/** The file with this command in the place of the one that was there. Remarks stay. */
export function writeCommand(text: string, command: string): string {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  const at = lines.findIndex((line) => !/^\s*(?:#|$)/.test(line));
  if (at < 0) lines.push(command);
  else lines[at] = command;
  return lines.join("\n") + "\n";
}
