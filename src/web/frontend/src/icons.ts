// One set of line icons, 16 × 16, drawn with the current text colour.

const paths = {
  run: "M4.5 3.2v9.6L12.5 8z",
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  done: "M3 8.5l3.2 3.2L13 4.5",
  fail: "M4 4l8 8M12 4l-8 8",
  skip: "M4 8h8",
  warn: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.2",
  info: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM8 7.2V11M8 5v.2",
  fault: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM8 4.8v4M8 11v.2",
  wait: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM8 4.5V8l2.4 1.6",
  plus: "M8 3.5v9M3.5 8h9",
  reset: "M3.5 3v3.5H7M3.7 6.5A5 5 0 1 1 3 9",
  hint: "M6 13.5h4M6.3 11.3C4.9 10.5 4 9.2 4 7.5a4 4 0 1 1 8 0c0 1.7-.9 3-2.3 3.8z",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  folder: "M2.5 12.5v-9h4l1.5 2h5.5v7z",
  link: "M6.5 9.5l3-3M7 5l1.5-1.5a2.7 2.7 0 0 1 4 4L11 9M9 11l-1.5 1.5a2.7 2.7 0 0 1-4-4L5 7",
  ready: "M8 12.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z",
  asleep: "M12.5 9.8A5.2 5.2 0 0 1 6.2 3.5a5.2 5.2 0 1 0 6.3 6.3z",
  off: "M8 2.5V8M4.7 4.6a5 5 0 1 0 6.6 0",
  fix: "M9.8 3.2a3 3 0 0 1 3.9 3.9L6.5 14.2 2.5 10.2zM2.5 10.2",
  close: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  jump: "M3 8h9M8.5 4.5L12 8l-3.5 3.5",
  help: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM6.3 6.2a1.8 1.8 0 1 1 2.5 1.7c-.6.2-.8.6-.8 1.2M8 11.3v.2",
} as const;

export type IconName = keyof typeof paths;

export function icon(name: IconName): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", paths[name]);
  svg.appendChild(path);
  return svg;
}
