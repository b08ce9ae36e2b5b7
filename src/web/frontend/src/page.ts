// What the server wrote into the page about itself.

import type { Lang } from "./protocol.ts";

export const lang: Lang = document.documentElement.lang === "ko" ? "ko" : "en";

/** `lesson`, `map` or `error`. */
export const kind = document.body.dataset["page"] ?? "";

/** The id of the lesson, or nothing on other pages. */
export const lesson = document.body.dataset["lesson"] ?? "";
