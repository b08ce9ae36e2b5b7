// Contrast of the page's colours in both themes, read from the style sheet itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const sheet = readFileSync("css/tokens.css", "utf8");
const colors = new Map(
  [...sheet.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name ?? "", [light ?? "", dark ?? ""] as const,
  ]),
);

function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (parts[0] ?? 0) + 0.7152 * (parts[1] ?? 0) + 0.0722 * (parts[2] ?? 0);
}

function contrast(one: string, two: string): number {
  const [high, low] = [luminance(one), luminance(two)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function check(inks: string[], papers: string[], least: number): void {
  for (const ink of inks) {
    for (const paper of papers) {
      for (const theme of [0, 1] as const) {
        const value = contrast(colors.get(ink)?.[theme] ?? "#000000", colors.get(paper)?.[theme] ?? "#000000");
        assert.ok(value >= least, `${ink} on ${paper}, ${theme === 0 ? "light" : "dark"}: ${value.toFixed(2)} < ${least}`);
      }
    }
  }
}

test("reading is AAA", () => check(["ink", "ink-2"], ["paper", "panel", "raised"], 7));

test("everything else is AA", () => {
  check(["ink-3", "accent", "green", "amber", "red"], ["paper", "panel", "raised"], 4.5);
  check(["on-accent"], ["accent"], 4.5);
  check(["ink", "ink-2", "accent"], ["accent-soft", "slab"], 4.5);
  check(["green"], ["green-soft"], 4.5);
  check(["amber", "ink", "ink-2"], ["amber-soft"], 4.5);
  check(["red", "ink", "ink-2", "accent"], ["red-soft"], 4.5);
  check(["ink"], ["mark"], 4.5);
  const code = ["code-keyword", "code-string", "code-number", "code-name", "code-comment"];
  check(code, ["panel", "raised", "paper"], 4.5);
  check(["term-ink", ...Array.from({ length: 15 }, (_, index) => `term-${index + 1}`)], ["term-paper"], 4.5);
});

test("edges of controls can be seen", () => check(["line-strong"], ["paper", "panel", "raised"], 3));
