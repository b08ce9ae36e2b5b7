// The twin of `src/web/protocol.rs` and `checker/src/report.rs`: everything that the page and the server say to each other.

export type Lang = "ko" | "en";

export interface ApiError {
  error: string;
  next: string;
}

export type SandboxState = "no-engine" | "preparing" | "stopped" | "starting" | "ready" | "idle" | "failed";

export interface SandboxStatus {
  state: SandboxState;
  message: string;
  next: string;
  /** 0 to 1 while preparing. */
  progress: number | null;
  /** Containers of the learner that run and exist. */
  containers: [number, number] | null;
  /** References of images that stand in for the real ones. */
  stand_ins: string[];
}

export interface FileEntry {
  path: string;
  kind: "file" | "dir" | "link";
  size: number;
}

export interface FileContent {
  path: string;
  /** `null` when the file is not UTF-8 or too large to edit, and in the answer to a save. */
  text: string | null;
  version: string;
}

export interface FileSave {
  text: string;
  base: string | null;
}

export type ServerEvent =
  | { type: "status"; status: SandboxStatus }
  | { type: "file-changed"; path: string; version: string | null }
  | { type: "files-changed" }
  | { type: "progress"; exercise: ExerciseState };

export interface ExerciseState {
  id: string;
  folder: string;
  files: string[];
  passed: boolean;
  solution_open: boolean;
  points: number;
  max_points: number;
  attempts: number;
  /** HTML of the hints shown so far. */
  hints: string[];
  hints_total: number;
  report: Report | null;
  /** How the same questions were answered when they were first asked. */
  before: EarlierAnswer[];
}

export interface EarlierAnswer {
  check: string;
  right: boolean;
  answer: string | null;
}

export interface SolutionFile {
  path: string;
  text: string;
}

export interface LintRequest {
  path: string;
  text: string;
}

export type TerminalClient =
  | { type: "hello"; client: string; resume: number | null; cols: number; rows: number }
  | { type: "resize"; cols: number; rows: number };

export type TerminalServer =
  | { type: "ready"; output: number; input: number }
  | { type: "ack"; input: number }
  | { type: "exit" }
  | { type: "error"; message: string };

export type Severity = "info" | "warning" | "error";

export interface Position {
  /** From 1. */
  line: number;
  column: number;
  /** From 1, in UTF-16 code units, which is what the editor counts. */
  column_utf16: number;
  offset: number;
}

export interface Fix {
  title: string;
  start: Position;
  end: Position;
  text: string;
}

export interface Finding {
  rule: string;
  aliases: string[];
  severity: Severity;
  message: string;
  why: string;
  mistake?: string;
  file: string;
  start: Position;
  end: Position;
  fix: Fix | null;
}

export type CheckStatus = "pass" | "fail" | "error" | "skipped";
export type Stage = "text" | "build" | "run";

export interface CheckResult {
  id: string;
  stage: Stage;
  title: string;
  status: CheckStatus;
  points: number;
  max_points: number;
  message: string;
  expected: string | null;
  actual: string | null;
  findings: Finding[];
  duration_ms: number;
}

export interface Report {
  version: number;
  exercise: string;
  lang: Lang;
  passed: boolean;
  points: number;
  max_points: number;
  checks: CheckResult[];
  exercise_hash: string;
  submission_hash: string;
  images_hash: string;
  checker_version: string;
}

export type CheckEvent =
  | { type: "stage"; stage: Stage }
  | { type: "build-step"; step: number; of: number; text: string; line: number | null }
  | { type: "build-cached"; step: number }
  | { type: "build-output"; line: string }
  | { type: "check"; result: CheckResult }
  | { type: "done"; report: Report };
