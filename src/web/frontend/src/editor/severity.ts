// Kept apart from the editor, so that the page can show findings without loading it.

import type { IconName } from "../icons.ts";
import type { Severity } from "../protocol.ts";

export const severityIcon: Record<Severity, IconName> = { error: "fail", warning: "warn", info: "info" };
