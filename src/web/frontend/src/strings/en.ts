// English. Sentence case; one sentence says what happened, the next one what to do.

import type { CheckStatus, SandboxState, Severity, Stage } from "../protocol.ts";

type Words<K extends string> = Record<K, string>;
type SaveState = "saved" | "waiting" | "saving" | "failed" | "conflict" | "gone";
type StageState = "waiting" | "running" | "pass" | "fail" | "error" | "skipped";
type KeyLine = [keys: string[], what: string];

export const en = {
  // Calls
  noAnswer: "The server does not answer.",
  noAnswerNext: "Check that it still runs; the page tries again by itself.",
  refused: (status: number) => `The server refused the request (${status}).`,
  brokenAnswer: "The server's answer could not be read.",
  tokenNext: "Open the address that the server printed at its start.",
  tryAgain: "Try again in a moment.",
  tryAgainButton: "Try again",
  offline: "The server cannot be reached. You can go on reading and writing; what you write is kept here and saved as soon as it is back.",
  loggedOut: "The server does not know this browser any more. Open the address that it printed at its start; what you wrote is kept here.",
  connecting: "connecting",

  // Page
  themes: { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" } as Words<"auto" | "light" | "dark">,
  sandbox: "Sandbox",
  places: "Places",
  read: "Read",
  terminalShort: "Terminal",
  files: "Files",
  close: "Close",
  progress: (done: number, total: number) => `${done} of ${total} exercises`,

  // Terminal
  terminal: (number: number) => `Terminal ${number}`,
  terminalLabel: (number: number) => `Terminal ${number}. Press Escape twice or Ctrl+Shift+Escape to leave it.`,
  newTerminal: "New terminal",
  leftTerminal: "Left the terminal.",
  shellEnded: "The shell has ended. Press a key for a new one.",
  linkBroken: "The connection broke; trying again. What you type is kept.",
  waitsForServer: "Waiting for the server.",
  waitsForSandbox: "Starting your sandbox.",
  preparing: "Preparing the sandbox",
  fromTheNotes: (name: string) => `A slip that people copy into their study notes: \`${name}\`.`,
  noEngine: "No Docker Engine that can be used",
  noEngineWhy: "Lessons, the editor and the checks of your files work without it. The terminal, builds and containers need one.",
  /** The server says it in English, so that only other languages need it. */
  noEngineHow: "",
  preparingWhy: "This takes a few minutes the first time only. You can read on meanwhile.",
  lookAgain: "Look again",
  asleep: "The sandbox is asleep",
  asleepWhy: "It stopped after a while without input. Files are kept.",
  wake: "Wake it",
  notStarted: "The sandbox is not running",
  startSandbox: "Start it",
  notStartable: "The sandbox could not be started",
  keys: { row: "Extra keys", left: "Left", up: "Up", down: "Down", right: "Right" },

  // Files
  editorLabel: (path: string) => `${path}, editor. Press Escape and then Tab to leave it.`,
  editorPhrases: {} as Record<string, string>,
  linkFile: "A symbolic link; it is not followed here.",
  notText: (path: string) => `\`${path}\` cannot be edited here.`,
  notTextNext: "It is not UTF-8 text, or larger than 1 MiB. Look at it in the terminal.",
  noFiles: "No files yet",
  noFilesNext: "Start the exercise in the lesson, or make a file in the terminal: `touch notes.txt`",
  noFileOpen: "No file is open",
  noFileOpenNext: "Choose one from the list.",
  saveStates: {
    saved: "saved", waiting: "", saving: "saving…", failed: "not saved", conflict: "two versions", gone: "deleted elsewhere",
  } as Words<SaveState>,
  conflict: "The file was changed elsewhere while you were writing. Which text shall stay? Nothing is lost yet.",
  keepMine: "Keep mine",
  takeTheirs: "Take the other",
  showTheirs: "Show the other text",
  theirsNotText: "The other version is not text.",
  gone: "This file was deleted elsewhere. The text is still here.",
  writeAgain: "Write it again",
  keptHere: "Your text is kept in this browser and is sent again.",
  severities: { error: "Error", warning: "Warning", info: "Remark" } as Words<Severity>,

  // Exercises
  start: "Start the exercise",
  openFiles: "Open the file",
  check: "Check",
  checking: "Checking…",
  checkOpen: (open: number) => `Check (${open} ${open === 1 ? "question" : "questions"} left)`,
  unanswered: (numbers: number[], all: number) =>
    all === 1 ? "The question is not answered yet."
      : numbers.length === 1 ? `Question ${numbers[0]} is not answered yet.`
      : `Questions ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)} are not answered yet.`,
  unansweredNext: "Choose what you think now; a wrong answer costs nothing.",
  answerRight: "right",
  changeSummary: (before: number, now: number, all: number) => `At the start ${before} of ${all} were right, now ${now}.`,
  changeLine: (number: number, before: boolean, now: boolean) =>
    `Question ${number}: ${before ? "right" : "not right"} at the start, ${now ? "right" : "not right yet"} now.`,
  changeAnswer: (answer: string) => `Your first answer: ${answer}`,
  commandMissing: "There is no command yet.",
  commandMissingNext: "Write it in the line, then check.",
  commandLong: (file: string) => `\`${file}\` has several lines of commands. Go on in the editor.`,
  hintTitle: (number: number) => `Hint ${number}`,
  hint: (number: number, total: number) => `Hint ${number}/${total}`,
  reset: "Reset",
  resetQuestion: "Put the starter back? Your version of the exercise's files is replaced.",
  resetYes: "Yes, reset",
  resetNo: "No, keep it",
  resetDone: "The starter is back.",
  giveUp: "Show the solution",
  giveUpQuestion: "See the solution now? You can still solve the exercise afterwards. A hint may be enough.",
  giveUpYes: "Show it",
  giveUpNo: "I go on trying",
  showSolution: "Show the solution",
  solution: "One solution",
  solved: "solved",
  unsaved: (path: string) => `\`${path}\` is not saved, so nothing was checked.`,
  unsavedNext: "Look at the message above the editor.",
  checkCut: "The connection broke during the check.",
  checkCutNext: "Press Check again.",
  checkResult: "Result of the check",
  passed: "Passed.",
  notYet: "Not yet.",
  checkFault: "The check itself failed. This is not your fault.",
  points: (points: number, of: number) => `${points} of ${of} ${of === 1 ? "point" : "points"}`,
  expected: "expected",
  actual: "found",
  jumpToLine: "Go to the line in the editor",
  place: (file: string, line: number) => `${file}:${line}`,
  statuses: { pass: "passed", fail: "not yet", error: "could not be checked", skipped: "not run" } as Words<CheckStatus>,
  stages: { text: "Read the file", build: "Build the image", run: "Run the container" } as Words<Stage>,
  stageStates: {
    waiting: "waits", running: "running…", pass: "passed", fail: "not yet", error: "could not be checked", skipped: "not run",
  } as Words<StageState>,
  buildOutput: "Output of the build",
  stepRunning: "running…",
  stepDone: "done",
  stepCached: "from the cache",
  stepFailed: "failed",

  // Lesson
  run: "run",
  runTitle: "Type this into the terminal",
  typed: "Typed into the terminal.",
  copy: "Copy",
  copied: "Copied",
  notCopied: "Could not copy",
  diagram: "Diagram",
  diagramText: "Diagram as text",
  diagramFailed: "This diagram could not be drawn; here is its text.",
  predictRight: "That is what happens",
  predictOther: "Something else happens",

  // Status bar
  engineStates: {
    "no-engine": "no engine", preparing: "preparing", stopped: "engine stopped", starting: "starting", ready: "engine ready",
    idle: "asleep", failed: "engine failed",
  } as Words<SandboxState>,
  containers: (running: number, all: number) => all === 0 ? "no containers" : `${running} of ${all} containers running`,
  savedAgo: (seconds: number) =>
    seconds < 5 ? "saved just now" : seconds < 60 ? `saved ${seconds} s ago` : `saved ${Math.floor(seconds / 60)} min ago`,
  standIns: (count: number) => `${count} stand-in ${count === 1 ? "image" : "images"}`,
  standInsTitle: "Stand-in images",
  standInsWhy: "These images could not be pulled from a registry. Docktutor built small ones that behave alike for this course:",
  resetSandbox: "Reset the sandbox",
  resetSandboxQuestion: "All containers, images, volumes and networks that you made are removed, and the terminals begin anew.",
  resetSandboxFiles: "Remove my files, too",
  resetting: "Removing…",

  // Keys
  keysButton: "Keys",
  keysTitle: "Keys",
  keyList: [
    [["n"], "Next lesson"],
    [["p"], "Previous lesson"],
    [["g", "m"], "Map of the course"],
    [["/"], "Search lessons and exercises"],
    [["Ctrl", "`"], "Into the terminal and back"],
    [["Ctrl", "Enter"], "Check the exercise"],
    [["Esc", "Esc"], "Leave the terminal (in vim and the like: Ctrl+Shift+Esc)"],
    [["Ctrl", "Shift", "C"], "Copy from the terminal"],
    [["Ctrl", "Shift", "V"], "Paste into the terminal"],
    [["F8"], "Next finding in the editor"],
    [["?"], "This list"],
  ] as KeyLine[],
};

export type Strings = typeof en;
