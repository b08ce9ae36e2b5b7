// Predictions: choosing an answer unfolds what whoever chose it should read. The choice is remembered; it is no test.

import { h } from "../dom.ts";
import { icon } from "../icons.ts";
import { lesson } from "../page.ts";
import { recall, remember } from "../store.ts";
import { t } from "../strings.ts";

export function watchPredictions(): void {
  for (const question of document.querySelectorAll<HTMLFieldSetElement>("fieldset.predict")) {
    const key = `predict:${lesson}:${question.dataset["predict"] ?? ""}`;
    question.classList.add("is-live");
    question.addEventListener("change", (event) => {
      const input = event.target as HTMLInputElement;
      choose(question, input);
      remember(key, input.value);
    });
    const before = [...question.querySelectorAll<HTMLInputElement>("input[type=radio]")].find((one) => one.value === recall(key));
    if (before !== undefined) {
      before.checked = true;
      choose(question, before);
    }
  }
}

function choose(question: HTMLElement, input: HTMLInputElement): void {
  for (const option of question.querySelectorAll<HTMLElement>(".predict-option")) {
    const chosen = option.contains(input);
    const right = option.hasAttribute("data-right");
    option.classList.toggle("is-chosen", chosen);
    option.querySelector(".predict-mark")?.remove();
    const why = option.querySelector("details");
    if (why !== null) why.open = chosen;
    if (!chosen) continue;
    option.querySelector("label")?.append(
      h("span", { class: `predict-mark ${right ? "is-right" : "is-other"}` },
        icon(right ? "done" : "fail"), right ? t.predictRight : t.predictOther));
  }
}
