// Bundles the tests, as the page is bundled, and runs them with Node's own test runner.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(join(tmpdir(), "docktutor-page-"));
try {
  const entryPoints = readdirSync(here).filter((file) => file.endsWith(".test.ts")).map((file) => join(here, file));
  await build({ entryPoints, outdir: out, bundle: true, platform: "node", format: "esm", target: "node20", outExtension: { ".js": ".mjs" }, logLevel: "warning" });
  const files = readdirSync(out).map((file) => join(out, file));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { cwd: dirname(here), stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
