// Colours of code in lessons. Loaded after the page can be read.

import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import shell from "highlight.js/lib/languages/shell";
import yaml from "highlight.js/lib/languages/yaml";

hljs.registerLanguage("bash", bash);
hljs.registerLanguage("console", shell);
hljs.registerLanguage("dockerfile", dockerfile);
hljs.registerLanguage("json", json);
hljs.registerLanguage("python", python);
hljs.registerLanguage("yaml", yaml);

const names: Record<string, string> = { sh: "bash", shell: "bash", docker: "dockerfile", py: "python", yml: "yaml" };

export function highlight(block: HTMLElement): void {
  if (block.dataset["highlighted"] !== undefined) return;
  const written = /(?:^| )language-(\S+)/.exec(block.className)?.[1] ?? "";
  const language = names[written] ?? written;
  if (hljs.getLanguage(language) === undefined) return;
  // The highlighter escapes the text; what it returns holds nothing but spans with classes.
  block.innerHTML = hljs.highlight(block.textContent ?? "", { language, ignoreIllegals: true }).value;
  block.dataset["highlighted"] = "yes";
}
