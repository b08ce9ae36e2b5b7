// The place in the reading column: kept over a reload, and carried over to the other language. Both languages of a lesson
// have the same headings, so a place is a heading and how far it is to the next one.

import { find } from "../dom.ts";
import { lesson } from "../page.ts";

interface Place {
  lesson: string;
  heading: number;
  part: number;
}

const key = "docktutor.place";

export function keepPlace(): void {
  const main = find("main");
  const article = find("[data-article]");
  if (main === null || article === null) return;
  restore(main, article);
  const save = () => {
    const place = measure(main, article);
    try {
      sessionStorage.setItem(key, JSON.stringify(place));
    } catch {
      // A browser that remembers nothing starts at the top.
    }
  };
  window.addEventListener("pagehide", save);
  for (const link of document.querySelectorAll("[data-language]")) link.addEventListener("click", save);
}

function tops(main: HTMLElement, article: HTMLElement): number[] {
  const zero = scroller(main) === main ? main.getBoundingClientRect().top - main.scrollTop : -window.scrollY;
  const headings = [...article.querySelectorAll("h1, h2, h3")].filter((one) => one.closest(".exercise") === null);
  return [...headings.map((one) => one.getBoundingClientRect().top - zero), scroller(main).scrollHeight];
}

function scroller(main: HTMLElement): Element {
  return getComputedStyle(main).overflowY === "auto" ? main : document.documentElement;
}

function measure(main: HTMLElement, article: HTMLElement): Place {
  const all = tops(main, article);
  const at = scroller(main).scrollTop;
  const heading = Math.max(0, all.findLastIndex((top, index) => index < all.length - 1 && top <= at + 1));
  const from = all[heading] ?? 0;
  const to = all[heading + 1] ?? from + 1;
  return { lesson, heading, part: (at - from) / Math.max(1, to - from) };
}

function restore(main: HTMLElement, article: HTMLElement): void {
  if (window.location.hash !== "") return;
  let place: Place;
  try {
    place = JSON.parse(sessionStorage.getItem(key) ?? "null") as Place;
  } catch {
    return;
  }
  if (place === null || place.lesson !== lesson) return;
  const all = tops(main, article);
  const from = all[place.heading];
  const to = all[place.heading + 1];
  if (from !== undefined && to !== undefined) scroller(main).scrollTop = from + place.part * (to - from);
}
