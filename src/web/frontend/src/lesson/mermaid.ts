// Mermaid with the page's colours, and its picture made again node by node, as the Content-Security-Policy wants it.

import mermaid from "mermaid";
import { color, isDark } from "../theme.ts";

let number = 0;

export async function drawDiagram(source: string): Promise<SVGElement> {
  const paper = hex(color("--paper"));
  const ink = hex(color("--ink"));
  const line = hex(color("--ink-2"));
  const slab = hex(color("--slab"));
  const edge = hex(color("--accent"));
  mermaid.initialize({
    startOnLoad: false,
    // Mermaid's own cleaning parses the picture once more, which the policy would report for every `style` in it.
    // Nothing of the picture reaches the page but what `remake` lets through.
    securityLevel: "loose",
    theme: "base",
    htmlLabels: false,
    flowchart: { htmlLabels: false, curve: "linear", padding: 12, useMaxWidth: false },
    block: { useMaxWidth: false },
    sequence: { useMaxWidth: false },
    state: { useMaxWidth: false },
    fontFamily: getComputedStyle(document.body).fontFamily,
    themeVariables: {
      darkMode: isDark(),
      background: paper, mainBkg: slab, primaryColor: slab, primaryTextColor: ink, primaryBorderColor: edge,
      secondaryColor: paper, secondaryTextColor: ink, secondaryBorderColor: line,
      tertiaryColor: paper, tertiaryTextColor: ink, tertiaryBorderColor: line,
      nodeBorder: edge, clusterBkg: paper, clusterBorder: line, lineColor: line, textColor: ink, titleColor: ink,
      edgeLabelBackground: paper, nodeTextColor: ink, fontSize: "15px",
    },
  });
  number += 1;
  const { svg } = await mermaid.render(`diagram-${number}`, source);
  const parsed = new DOMParser().parseFromString(disarm(svg), "image/svg+xml").documentElement;
  if (parsed.tagName !== "svg") throw new Error("The drawing is not a picture.");
  return remake(parsed);
}

/** Renames `style` elements and attributes: even a document that is never shown may not parse them. */
function disarm(svg: string): string {
  return svg.replace(/<[^<>]*>/g, (tag) =>
    tag.replace(/^<(\/?)style\b/, "<$1inline-style").replace(/(\s)style="/g, '$1inline-style="'));
}

const elements = new Set([
  "svg", "g", "defs", "marker", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan",
  "title", "desc", "clipPath", "linearGradient", "stop", "filter", "feDropShadow",
]);

/** Makes the picture anew, element by element; a style that a script makes is allowed where a parsed one is not. */
function remake(node: Element): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", node.localName);
  for (const { name, value } of Array.from(node.attributes)) {
    if (name === "inline-style") made.style.cssText = value;
    else if (/^[a-z][\w-]*$/i.test(name) && !/^(on|href|xmlns|style)/i.test(name)) made.setAttribute(name, value);
  }
  for (const child of Array.from(node.childNodes)) {
    if (child instanceof Text) made.appendChild(document.createTextNode(child.data));
    else if (child instanceof Element && child.localName === "inline-style") made.appendChild(styleOf(child));
    else if (child instanceof Element && elements.has(child.localName)) made.appendChild(remake(child));
    // What stands around a picture without being one, such as a link, is left out; what is in it stays.
    else if (child instanceof Element && child.localName === "a") made.append(...Array.from(remake(child).childNodes));
  }
  return made;
}

function styleOf(node: Element): HTMLStyleElement {
  const style = document.createElement("style");
  style.textContent = node.textContent;
  return style;
}

/** Mermaid mixes colours itself and reads only some notations. */
function hex(rgb: string): string {
  const parts = rgb.match(/[\d.]+/g)?.slice(0, 3) ?? ["0", "0", "0"];
  return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, "0")).join("")}`;
}
