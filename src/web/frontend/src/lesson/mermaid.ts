// Mermaid with the page's colours, and its picture made again node by node, as the Content-Security-Policy wants it.

import mermaid from "mermaid";
import { color, isDark } from "../theme.ts";

let number = 0;

export async function drawDiagram(source: string): Promise<Element> {
  const paper = hex(color("--panel"));
  const ink = hex(color("--ink"));
  const line = hex(color("--ink-2"));
  const slab = hex(color("--slab"));
  const edge = hex(color("--accent"));
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
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
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  if (parsed.tagName !== "svg") throw new Error("The drawing is not a picture.");
  return remake(parsed);
}

/** A parsed `style` element or attribute would be refused; one that a script makes, with the nonce, is not. */
function remake(node: Element): Element {
  const name = node.localName;
  const made = name === "style" ? document.createElement("style") : document.createElementNS(node.namespaceURI, name);
  for (const { name: key, value } of Array.from(node.attributes)) {
    if (/^on/i.test(key)) continue;
    if (key === "style" || !key.includes(":")) made.setAttribute(key, value);
    else if (key.startsWith("xlink:") && value.startsWith("#")) made.setAttributeNS("http://www.w3.org/1999/xlink", key, value);
  }
  for (const child of Array.from(node.childNodes)) {
    if (child instanceof Element) {
      if (child.localName !== "script") made.appendChild(remake(child));
    } else if (child instanceof Text) made.appendChild(document.createTextNode(child.data));
  }
  return made;
}

/** Mermaid mixes colours itself and reads only some notations. */
function hex(rgb: string): string {
  const parts = rgb.match(/[\d.]+/g)?.slice(0, 3) ?? ["0", "0", "0"];
  return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, "0")).join("")}`;
}
