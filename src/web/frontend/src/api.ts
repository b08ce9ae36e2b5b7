// Calls to the server. Every failure becomes a `Failure` with what happened and what to do now.

import { again } from "./lazy.ts";
import { lang } from "./page.ts";
import type {
  ApiError, CheckEvent, ExerciseState, FileContent, FileEntry, FileSave, Finding, SandboxStatus, SolutionFile,
} from "./protocol.ts";
import { t } from "./strings.ts";

export class Failure extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}

export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure(0, t.noAnswer, t.noAnswerNext);
}

async function call(method: string, path: string, body?: unknown, keepalive = false): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  const init: RequestInit = { method, headers, credentials: "same-origin", keepalive };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}`, init);
  } catch {
    throw new Failure(0, t.noAnswer, t.noAnswerNext);
  }
  if (response.ok) return response;
  const said = (await response.json().catch(() => null)) as { error?: string; next?: string } | null;
  const next = said?.next ?? (response.status === 401 ? t.tokenNext : t.tryAgain);
  throw new Failure(response.status, said?.error ?? t.refused(response.status), next);
}

/**
 * For calls that may be made twice without harm: reading, starting what may be running already, checking. Not for a hint,
 * of which a second one would be shown.
 */
function steady<T>(act: () => Promise<T>): Promise<T> {
  return again(act, (error) => error instanceof Failure && error.status === 0 && navigator.onLine);
}

async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await call(method, path, body);
  try {
    return (await response.json()) as T;
  } catch {
    throw new Failure(response.status, t.brokenAnswer, t.tryAgain);
  }
}

/** Slashes stay; everything else that a URL would misread is escaped. */
export function escapePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Asked once only: it is how the page finds out whether the server is there. */
export const getStatus = () => json<SandboxStatus>("GET", "/api/status");

export async function startSandbox(): Promise<void> {
  await steady(() => call("POST", "/api/sandbox/start"));
}

export async function resetSandbox(files: boolean): Promise<void> {
  await call("POST", "/api/sandbox/reset", { files });
}

export const listFiles = () => steady(() => json<FileEntry[]>("GET", "/api/files"));

export const readFile = (path: string) => steady(() => json<FileContent>("GET", `/api/files/${escapePath(path)}`));

/** `leaving`: the page is being closed and the request must outlive it. */
export async function saveFile(path: string, save: FileSave, leaving = false): Promise<FileContent> {
  const response = await call("PUT", `/api/files/${escapePath(path)}`, save, leaving);
  return (await response.json()) as FileContent;
}

export const lint = (path: string, text: string) =>
  steady(() => json<Finding[]>("POST", "/api/lint", { path, text }));

export const getExercise = (id: string) =>
  steady(() => json<ExerciseState>("GET", `/api/exercises/${escapePath(id)}`));

export function postExercise(what: "start" | "hint" | "give-up" | "reset", id: string): Promise<ExerciseState> {
  const post = () => json<ExerciseState>("POST", `/api/exercise/${what}/${escapePath(id)}`);
  return what === "hint" ? post() : steady(post);
}

export const getSolution = (id: string) =>
  steady(() => json<SolutionFile[]>("GET", `/api/exercise/solution/${escapePath(id)}`));

/** Runs a check and gives its events as they come. */
export async function* checkExercise(id: string): AsyncGenerator<CheckEvent> {
  const response = await steady(() => call("POST", `/api/exercise/check/${escapePath(id)}`));
  if (response.body === null) throw new Failure(response.status, t.brokenAnswer, t.tryAgain);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    let chunk: ReadableStreamReadResult<string>;
    try {
      chunk = await reader.read();
    } catch {
      throw new Failure(0, t.checkCut, t.checkCutNext);
    }
    rest += chunk.value ?? "";
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield checkEvent(line);
    if (chunk.done) break;
  }
  if (rest.trim() !== "") yield checkEvent(rest);
}

/** What goes wrong once the stream has begun comes as its last line. */
function checkEvent(line: string): CheckEvent {
  const said = JSON.parse(line) as CheckEvent | ApiError;
  if ("error" in said) throw new Failure(500, said.error, said.next);
  return said;
}
