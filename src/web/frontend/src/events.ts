// The server's events, over one EventSource that is opened again whenever it breaks.

import { asFailure, getStatus } from "./api.ts";
import type { SandboxStatus, ServerEvent } from "./protocol.ts";

type Handler = (event: ServerEvent) => void;

const handlers = new Set<Handler>();
const lineHandlers = new Set<(online: boolean, refused: boolean) => void>();
/** A hidden page gives its stream back after this long: browsers open only six connections to one server. */
const hiddenTime = 60_000;
let source: EventSource | undefined;
let retry: number | undefined;
let delay = 500;
let hidden: number | undefined;
let opened = false;
/** How many statuses have come. */
let told = 0;
let online = true;
let lastStatus: SandboxStatus | undefined;

export function onServerEvent(handler: Handler): () => void {
  handlers.add(handler);
  if (lastStatus !== undefined) handler({ type: "status", status: lastStatus });
  return () => handlers.delete(handler);
}

/** Called with `false` when the server cannot be reached, with `true` when it is there again. `refused`: it does not know us. */
export function onLine(handler: (online: boolean, refused: boolean) => void): void {
  lineHandlers.add(handler);
}

export function status(): SandboxStatus | undefined {
  return lastStatus;
}

export function connectEvents(): void {
  window.addEventListener("online", () => open());
  window.addEventListener("offline", () => setOnline(false));
  // A sleeping laptop wakes with a dead connection that nobody has noticed yet.
  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(hidden);
    if (document.hidden) hidden = window.setTimeout(() => source?.close(), hiddenTime);
    else if (source?.readyState !== EventSource.OPEN) open();
  });
  open();
}

function open(): void {
  window.clearTimeout(retry);
  source?.close();
  const current = new EventSource("/api/events");
  source = current;
  current.onopen = () => {
    delay = 500;
    // The stream begins with the present status.
    setOnline(true);
    // What happened to the files meanwhile is unknown.
    if (opened) emit({ type: "files-changed" });
    opened = true;
  };
  current.onerror = () => {
    if (current !== source) return;
    // The browser gives up for good after some failures; we do not, and we wait longer each time.
    current.close();
    void probe();
    window.clearTimeout(retry);
    retry = window.setTimeout(open, delay * (0.75 + Math.random() / 2));
    delay = Math.min(delay * 2, 15_000);
  };
  for (const name of ["status", "file-changed", "files-changed", "progress"]) {
    current.addEventListener(name, (message) => deliver((message as MessageEvent<string>).data));
  }
}

/** A broken event stream alone says little; only when nothing else answers either is the learner told. */
async function probe(): Promise<void> {
  const answer = navigator.onLine ? await refreshStatus() : 0;
  if (answer !== 200) setOnline(false, answer === 401);
}

/** Gives the HTTP status, 0 when there was no answer. */
async function refreshStatus(): Promise<number> {
  const before = told;
  try {
    const status = await getStatus();
    // An answer that was overtaken by an event is older than what we know.
    if (told === before) emit({ type: "status", status });
    return 200;
  } catch (error) {
    return asFailure(error).status;
  }
}

function deliver(data: string): void {
  try {
    emit(JSON.parse(data) as ServerEvent);
  } catch (error) {
    console.error("An event of the server was not understood.", error);
  }
}

function emit(event: ServerEvent): void {
  if (event.type === "status") {
    lastStatus = event.status;
    told += 1;
  }
  for (const handler of handlers) handler(event);
}

function setOnline(now: boolean, refused = false): void {
  if (now && online) return;
  online = now;
  for (const handler of lineHandlers) handler(now, refused);
}
