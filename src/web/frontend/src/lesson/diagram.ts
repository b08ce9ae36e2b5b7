// Diagrams. Mermaid is large, so it is loaded only by a page that has one. What is near is drawn first, the rest when the
// page is quiet, so that nothing moves later under the reader.

import { find, h, replace } from "../dom.ts";
import { onLine } from "../events.ts";
import { icon } from "../icons.ts";
import { again } from "../lazy.ts";
import { t } from "../strings.ts";
import { onTheme } from "../theme.ts";

export function watchDiagrams(): void {
  const figures = [...document.querySelectorAll<HTMLElement>("figure.diagram")];
  if (figures.length === 0) return;
  const sources = new Map(figures.map((figure) => [figure, find("pre.mermaid", figure)?.textContent ?? ""]));
  const drawn = new Set<HTMLElement>();
  // One after the other: Mermaid keeps its settings in one place.
  let queue = Promise.resolve();
  const draw = (figure: HTMLElement) => {
    drawn.add(figure);
    queue = queue.then(() => show(figure, sources.get(figure) ?? ""));
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      draw(entry.target as HTMLElement);
    }
  }, { rootMargin: "600px" });
  for (const figure of figures) {
    const pre = find("pre.mermaid", figure);
    if (pre !== null && pre.scrollWidth > pre.clientWidth) pre.tabIndex = 0;
    watcher.observe(figure);
  }
  const rest = () => figures.filter((figure) => !drawn.has(figure)).forEach(draw);
  window.setTimeout(rest, 600);
  onLine((online) => {
    if (online) figures.filter((figure) => find(".diagram-failed", figure) !== null).forEach(draw);
  });
  onTheme(() => drawn.forEach(draw));
  // On paper every diagram is drawn, also those that were never scrolled to.
  window.addEventListener("beforeprint", rest);
}

async function show(figure: HTMLElement, source: string): Promise<void> {
  try {
    // Mermaid loads the part for each kind of diagram by itself, and a part that did not come is a TypeError.
    const drawing = await again(
      async () => (await import("./mermaid.ts")).drawDiagram(source),
      (error) => error instanceof TypeError,
    );
    // A wide picture shrinks on a phone, but not below what can be read; from there on it scrolls.
    drawing.style.setProperty("--readable", `${Math.round(Number.parseFloat(drawing.getAttribute("width") ?? "0") * 0.75)}px`);
    const text = h("details", { class: "diagram-text" }, h("summary", {}, t.diagramText), h("pre", {}, source.trim()));
    replace(figure, h("div", { class: "drawing", role: "img", "aria-label": t.diagram, tabindex: 0 }, drawing), text);
    const box = figure.firstElementChild as HTMLElement;
    if (box.scrollWidth <= box.clientWidth) box.removeAttribute("tabindex");
  } catch (error) {
    console.error("A diagram could not be drawn.", error);
    if (figure.querySelector(".diagram-failed") === null) {
      figure.prepend(h("p", { class: "diagram-failed quiet" }, icon("warn"), t.diagramFailed));
    }
  }
}
