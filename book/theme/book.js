// Diagrams, search and the way to the same page in the other language. Works from a file as well as from a server.
(() => {
  "use strict";

  const dark = () => ["coal", "navy", "ayu"].some((name) => document.documentElement.classList.contains(name));
  addEventListener("DOMContentLoaded", () => {
    if (window.mermaid && document.querySelector("pre.mermaid")) {
      mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: dark() ? "dark" : "neutral" });
      mermaid.run({ querySelector: "pre.mermaid" });
    }
  });

  const tools = document.querySelector(".book-tools");
  if (!tools) return;
  const page = location.pathname.split("/").pop() || "index.html";
  const other = tools.querySelector(".book-language");
  // Headings stand in the same order in both languages, so the place is found by its number.
  const headings = [...document.querySelectorAll("main h2[id]")];
  const here = () => {
    const above = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
    return above.length;
  };
  other.addEventListener("click", () => {
    const file = page === "print.html" || page === "404.html" ? "index.html" : page;
    other.href = other.href.replace(/[^/]*$/, file) + (here() > 0 ? `?part=${here()}` : "");
  });
  const part = Number(new URLSearchParams(location.search).get("part"));
  if (part > 0) headings[part - 1]?.scrollIntoView();

  const input = tools.querySelector("input");
  const results = tools.querySelector(".book-results");
  const fold = (text) => text.normalize("NFC").toLowerCase();
  const parts = (window.docktutorParts || []).map((part) => ({ ...part, title: fold(`${part.t} ${part.h}`), body: fold(part.b) }));
  const rank = (part, words) => {
    let points = 0;
    for (const word of words) {
      if (part.title.includes(word)) points += 10;
      else if (part.body.includes(word)) points += 1;
      else return 0;
    }
    return points;
  };
  const excerpt = (part, word) => {
    const at = Math.max(0, part.body.indexOf(word) - 40);
    const text = part.b.slice(at, at + 120).trim();
    return at > 0 ? `…${text}…` : `${text}…`;
  };
  const show = () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    results.replaceChildren();
    results.hidden = words.length === 0;
    if (words.length === 0) return;
    const found = parts
      .map((part) => ({ part, points: rank(part, words) }))
      .filter((it) => it.points > 0)
      .sort((a, b) => b.points - a.points)
      .slice(0, 20);
    for (const { part } of found) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = (tools.dataset.root || "") + part.u;
      link.textContent = part.h ? `${part.t} › ${part.h}` : part.t;
      const small = document.createElement("small");
      small.textContent = excerpt(part, words[0]);
      link.append(small);
      item.append(link);
      results.append(item);
    }
    if (found.length === 0) {
      const item = document.createElement("li");
      item.textContent = results.dataset.none;
      results.append(item);
    }
  };
  input.addEventListener("input", show);
  // mdBook turns pages by arrow keys; in the search field they belong to the text.
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") {
      input.value = "";
      show();
    }
  });
  tools.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector("a")?.click();
  });
})();
