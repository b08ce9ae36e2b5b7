// Which highlighting a file gets, by its name, and the colours of it (classes, so that the style sheet decides).

import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";

export function languageOf(path: string): Extension {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (isDockerfile(path)) return StreamLanguage.define(dockerFile);
  if (/\.ya?ml$/i.test(name)) return yaml();
  if (/\.py$/i.test(name)) return python();
  if (/\.(ba)?sh$/i.test(name) || name === ".env") return StreamLanguage.define(shell);
  return [];
}

export function isDockerfile(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /^(dockerfile|containerfile)(\..+)?$/i.test(name) || /\.(dockerfile|containerfile)$/i.test(name);
}

export const colors: Extension = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword], class: "tok-keyword" },
    { tag: [tags.string, tags.special(tags.string)], class: "tok-string" },
    { tag: [tags.comment, tags.meta], class: "tok-comment" },
    { tag: [tags.number, tags.bool, tags.null, tags.atom], class: "tok-number" },
    { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.attributeName], class: "tok-name" },
    { tag: [tags.variableName, tags.special(tags.variableName)], class: "tok-variable" },
    { tag: [tags.function(tags.variableName), tags.className, tags.standard(tags.name)], class: "tok-function" },
    { tag: tags.invalid, class: "tok-invalid" },
  ]),
);
