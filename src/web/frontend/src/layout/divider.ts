// The line between reading and sandbox: dragged, or moved by arrow keys; the place is remembered.

import { find } from "../dom.ts";
import { recall, remember } from "../store.ts";

const least = 25;
const most = 75;

export function watchDivider(): void {
  const found = find("[data-divider]");
  if (found === null) return;
  const divider: HTMLElement = found;
  const root = document.documentElement;

  const place = () => (divider.getBoundingClientRect().left / window.innerWidth) * 100;
  const tell = (percent: number) => divider.setAttribute("aria-valuenow", String(Math.round(percent)));
  const move = (percent: number) => {
    const limited = Math.max(least, Math.min(most, percent));
    root.style.setProperty("--split", `${limited.toFixed(2)}vw`);
    tell(limited);
    return limited;
  };
  const keep = (percent: number) => remember("split", move(percent).toFixed(2));

  divider.setAttribute("aria-valuemin", String(least));
  divider.setAttribute("aria-valuemax", String(most));
  const before = Number(recall("split"));
  if (before >= least && before <= most) move(before);
  else tell(place());

  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    divider.focus();
    const follow = (moved: PointerEvent) => move((moved.clientX / window.innerWidth) * 100);
    divider.addEventListener("pointermove", follow);
    divider.addEventListener("lostpointercapture", () => {
      divider.removeEventListener("pointermove", follow);
      keep(place());
    }, { once: true });
  });
  divider.addEventListener("dblclick", () => {
    remember("split", null);
    root.style.removeProperty("--split");
    tell(place());
  });
  divider.addEventListener("keydown", (event) => {
    const goal = { ArrowLeft: place() - 2, ArrowRight: place() + 2, Home: least, End: most }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    keep(goal);
  });
}
