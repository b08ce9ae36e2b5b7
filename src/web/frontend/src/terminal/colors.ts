// The terminal's colours follow the page. The sixteen are chosen to be readable on the page's own background.

import type { ITheme } from "@xterm/xterm";
import { color } from "../theme.ts";

const names = [
  "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  "brightBlack", "brightRed", "brightGreen", "brightYellow", "brightBlue", "brightMagenta", "brightCyan", "brightWhite",
] as const;

export function terminalTheme(): ITheme {
  const theme: ITheme = {
    background: color("--term-paper"),
    foreground: color("--term-ink"),
    cursor: color("--accent"),
    cursorAccent: color("--term-paper"),
    selectionBackground: color("--term-selection"),
  };
  names.forEach((name, index) => (theme[name] = color(`--term-${index}`)));
  return theme;
}
