// The line at the bottom: the engine's state in words, the containers, when a file was saved, and whether the server is there.

import { asFailure } from "./api.ts";
import { find, h, prose, replace } from "./dom.ts";
import type { FileDocument } from "./editor/document.ts";
import { onLine, onServerEvent } from "./events.ts";
import { icon, type IconName } from "./icons.ts";
import { openDialog } from "./layout/dialog.ts";
import type { Pane } from "./pane.ts";
import type { SandboxState, SandboxStatus } from "./protocol.ts";
import { t } from "./strings.ts";

const icons: Record<SandboxState, IconName> = {
  "no-engine": "off", preparing: "wait", stopped: "off", starting: "wait", ready: "ready", idle: "asleep", failed: "fault",
};

export function watchStatus(pane: Pane): void {
  const bar = find("[data-status-bar]");
  if (bar === null) return;
  const engine = h("span", { class: "status-item status-engine" }, icon("wait"), t.connecting);
  const containers = h("span", { class: "status-item", hidden: true });
  const saved = h("span", { class: "status-item", hidden: true });
  const standIns = h("button", { type: "button", class: "status-item status-button", hidden: true });
  const reset = h("button", { type: "button", class: "status-item status-button status-end", onclick: () => askReset(pane) },
    icon("reset"), t.resetSandbox);
  const keys = h("button", { type: "button", class: "status-item status-button", "data-show-keys": true, title: "?" }, t.keysButton);
  replace(bar, engine, containers, saved, standIns, reset, keys);

  onServerEvent((event) => {
    if (event.type !== "status") return;
    const { status } = event;
    engine.className = `status-item status-engine status-${status.state}`;
    const percent = status.progress === null || status.state !== "preparing" ? "" : ` ${Math.round(status.progress * 100)} %`;
    replace(engine, icon(icons[status.state]), t.engineStates[status.state] + percent);
    containers.hidden = status.containers === null;
    if (status.containers !== null) replace(containers, t.containers(...status.containers));
    standIns.hidden = status.stand_ins.length === 0;
    standIns.onclick = () => showStandIns(status);
    replace(standIns, icon("info"), t.standIns(status.stand_ins.length));
  });

  let savedAt: number | undefined;
  /** Files that were saved from this page; one that was only opened is no news. */
  const wrote = new Set<string>();
  const tellSaved = () => {
    if (savedAt === undefined) return;
    saved.hidden = false;
    replace(saved, t.savedAgo(Math.max(0, Math.round((Date.now() - savedAt) / 1000))));
  };
  pane.files.onSaved = (document: FileDocument) => {
    const { state } = document;
    if (state === "saving" || state === "waiting") savedAt = undefined;
    else if (state !== "saved") {
      savedAt = undefined;
      saved.hidden = false;
      replace(saved, icon("warn"), t.saveStates[state]);
    } else if (savedAt === undefined && wrote.has(document.path)) {
      savedAt = Date.now();
      tellSaved();
    }
    if (state === "saving") wrote.add(document.path);
  };
  window.setInterval(tellSaved, 5000);

  watchOffline();
}

function watchOffline(): void {
  const banner = h("div", { class: "offline", role: "status", hidden: true });
  find(".top")?.after(banner);
  onLine((online, refused) => {
    banner.hidden = online;
    const text = refused ? t.loggedOut : t.offline;
    if (!online && banner.textContent !== text) replace(banner, icon("off"), text);
  });
}

function showStandIns(status: SandboxStatus): void {
  openDialog(t.standInsTitle,
    h("p", {}, t.standInsWhy),
    h("ul", {}, ...status.stand_ins.map((name) => h("li", {}, h("code", {}, name)))));
}

function askReset(pane: Pane): void {
  const files = h("input", { type: "checkbox" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const go = h("button", { type: "button", class: "button button-danger", onclick: async () => {
    go.disabled = true;
    replace(trouble, t.resetting);
    try {
      await pane.reset(files.checked);
      dialog.close();
    } catch (error) {
      const failure = asFailure(error);
      replace(trouble, prose(`${failure.message} ${failure.next}`));
      go.disabled = false;
    }
  } }, t.resetYes);
  const dialog = openDialog(t.resetSandbox,
    h("p", {}, t.resetSandboxQuestion),
    h("p", {}, h("label", {}, files, " ", t.resetSandboxFiles)),
    trouble,
    h("p", { class: "actions" }, go,
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, t.resetNo)));
}
