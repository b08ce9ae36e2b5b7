// Where the page begins.

import { mendInlineStyles } from "./csp.ts";
import { find } from "./dom.ts";
import { connectEvents } from "./events.ts";
import { Exercise } from "./exercise/exercise.ts";
import { watchKeys } from "./keys.ts";
import { watchDivider } from "./layout/divider.ts";
import { watchMenus } from "./layout/menu.ts";
import { keepPlace } from "./layout/place.ts";
import { enhanceCode, highlightIn } from "./lesson/code.ts";
import { watchDiagrams } from "./lesson/diagram.ts";
import { watchPredictions } from "./lesson/predict.ts";
import { kind } from "./page.ts";
import { Pane } from "./pane.ts";
import { addPassed } from "./progress.ts";
import { watchStatus } from "./statusbar.ts";
import { watchTheme } from "./theme.ts";

function beginLesson(root: HTMLElement): void {
  const exercises: Exercise[] = [];
  let current: Exercise | undefined;
  const check = () => {
    // The exercise whose file is open, or else the one that the learner was at last, or else the first.
    const path = pane.files.path ?? "";
    const byFile = exercises.find((one) => one.folder !== undefined && path.startsWith(`${one.folder}/`));
    const inEditor = document.activeElement?.closest(".files") !== null;
    const exercise = (inEditor ? byFile : undefined) ?? current ?? byFile ?? exercises[0];
    if (exercise === undefined) return;
    void exercise.check();
    exercise.focus();
  };
  const pane = new Pane(root, check);
  for (const section of document.querySelectorAll<HTMLElement>("section.exercise")) {
    exercises.push(new Exercise(section, pane, (exercise) => (current = exercise), addPassed));
  }
  const article = find("[data-article]");
  if (article !== null) {
    enhanceCode(article, pane);
    void highlightIn(article);
  }
  watchPredictions();
  watchDiagrams();
  watchDivider();
  watchStatus(pane);
  watchKeys({ terminal: () => pane.toggleTerminal(), check });
  keepPlace();
  connectEvents();
}

mendInlineStyles();
watchTheme();
watchMenus();
const root = find("[data-pane]");
if (kind === "lesson" && root !== null) beginLesson(root);
else watchKeys({});
