// Bundles the page: `dist/app.js` and `dist/app.css` keep their names, everything that is loaded later lives in
// `dist/chunks/` under a name that carries a hash of its content. `--watch` builds again at every change.
import { build, context } from "esbuild";
import { gzipSync } from "node:zlib";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "dist");

const options = {
  absWorkingDir: here,
  entryPoints: [
    { in: "src/main.ts", out: "app" },
    { in: "css/app.css", out: "app" },
  ],
  entryNames: "[name]",
  chunkNames: "chunks/[name]-[hash]",
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
};
/** The licences of everything that is in the bundle, in one file, as they ask for. */
function writeLicences(metafile) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${about.license}`;
    parts.push(`${name} ${about.version}\n\n${text}\n`);
  }
  writeFileSync(join(out, "licences.txt"), parts.join("\n----------------------------------------\n\n"));
}

function printSizes(metafile) {
  const rows = Object.keys(metafile.outputs).map((file) => {
    const bytes = readFileSync(join(here, file));
    return { file: file.replace("dist/", ""), raw: bytes.length, gzip: gzipSync(bytes).length };
  });
  const entry = rows.filter((row) => !row.file.startsWith("chunks/"));
  const chunks = rows.filter((row) => row.file.startsWith("chunks/"));
  const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  for (const row of entry) console.log(`${row.file.padEnd(10)} ${kib(row.raw).padStart(11)}, gzip ${kib(row.gzip)}`);
  const total = chunks.reduce((sum, row) => sum + row.raw, 0);
  console.log(`${`${chunks.length} chunks`.padEnd(10)} ${kib(total).padStart(11)}, loaded when they are needed`);
}

if (process.argv.includes("--watch")) {
  const watching = await context({ ...options, logLevel: "info" });
  await watching.watch();
} else {
  // Old chunks would otherwise stay beside the new ones, and be embedded into the binary.
  if (existsSync(out) && statSync(out).isDirectory()) rmSync(out, { recursive: true });
  mkdirSync(out, { recursive: true });
  const { metafile } = await build(options);
  // The book is also opened from files, where a browser loads no modules: it takes mermaid in one piece.
  mkdirSync(join(out, "book"));
  copyFileSync(join(here, "node_modules/mermaid/dist/mermaid.min.js"), join(out, "book/mermaid.min.js"));
  writeLicences(metafile);
  printSizes(metafile);
}
