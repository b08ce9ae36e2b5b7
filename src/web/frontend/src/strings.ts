// The page's own words, in the language of the page.

import { lang } from "./page.ts";
import { en, type Strings } from "./strings/en.ts";
import { ko } from "./strings/ko.ts";

export const t: Strings = lang === "ko" ? ko : en;
