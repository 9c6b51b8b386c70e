// Makes vendor/ from the lock file: `npm ci && npm run make`. What it writes is committed; a user never needs Node.
import { build } from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";

const ICONS = `arrow-down arrow-left arrow-right arrow-up arrow-up-down armchair book-open calendar chart-column check
  chevron-down chevron-left chevron-right circle-alert circle-check circle-dashed circle-dot circle-slash circle-help clock
  contrast copy corner-down-right database download external-link eye file-text flask-conical git-compare grip-vertical
  history info key-round lightbulb link list loader-circle lock log-out message-square minus pause pencil pill play plus
  printer quote refresh-cw rotate-ccw scale search settings shield stethoscope trash-2 triangle-alert undo-2 unlink user users
  x`.split(/\s+/);
const CHAIR = '<symbol id="i-chair" viewBox="0 0 24 24"><path d="M7 2.5v19M7 13h10v8.5"/></symbol>';
const RENAMED = { "circle-help": "circle-question-mark" };

async function icon(name) {
  const svg = await readFile(`node_modules/lucide-static/icons/${RENAMED[name] ?? name}.svg`, "utf8");
  const body = svg.match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1].replace(/\s*\n\s*/g, "").trim();
  return `<symbol id="i-${name}" viewBox="0 0 24 24">${body}</symbol>`;
}

async function licenceOf(pack) {
  const files = await readdir(`node_modules/${pack}`);
  const file = files.find((f) => /^(licen[cs]e|copying)/i.test(f));
  const about = JSON.parse(await readFile(`node_modules/${pack}/package.json`, "utf8"));
  const text = file ? await readFile(`node_modules/${pack}/${file}`, "utf8") : `${about.license} (no text in the package)`;
  return `${pack} ${about.version}, ${about.license}\n\n${text.trim()}\n`;
}

function packagesIn(metafile) {
  const found = Object.keys(metafile.inputs).map((p) => p.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  return found.filter((p) => p && existsSync(`node_modules/${p}`));
}

await mkdir("vendor", { recursive: true });
const entries = ["codemirror", "vega"];
const made = await build({
  entryPoints: entries.map((e) => `src/${e}.js`), outdir: "vendor", bundle: true, minify: true, format: "esm", target: "es2022",
  legalComments: "none", metafile: true, logLevel: "warning",
});
const css = await readFile("node_modules/bootstrap/dist/css/bootstrap.min.css", "utf8");
await writeFile("vendor/bootstrap.min.css", css.replace(/\/\*# sourceMappingURL.*?\*\//, "").trimEnd() + "\n");
const symbols = await Promise.all([...new Set(ICONS)].filter(Boolean).sort().map(icon));
await writeFile("vendor/sprite.svg", `<svg xmlns="http://www.w3.org/2000/svg">\n${[CHAIR, ...symbols].join("\n")}\n</svg>\n`);
const packs = [...new Set([...packagesIn(made.metafile), "bootstrap", "lucide-static"])].sort();
await writeFile("vendor/LICENSES", (await Promise.all(packs.map(licenceOf))).join(`\n${"-".repeat(80)}\n\n`));
console.log(`vendor/: ${entries.join(", ")}, bootstrap, ${symbols.length + 1} icons, ${packs.length} licences`);
