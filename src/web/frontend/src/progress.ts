// The learner's progress in the header. The server wrote it; a passed exercise adds one.

import { find, replace } from "./dom.ts";
import { t } from "./strings.ts";

export function addPassed(): void {
  const box = find("[data-progress]");
  if (box === null) return;
  const done = Number(box.dataset["done"]) + 1;
  const total = Number(box.dataset["total"]);
  box.dataset["done"] = String(done);
  const bar = find<HTMLProgressElement>("progress", box);
  if (bar !== null) bar.value = done;
  const words = find("[data-progress-words]", box);
  if (words !== null) replace(words, t.progress(done, total));
}
