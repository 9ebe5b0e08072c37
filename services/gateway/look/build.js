// Rebuilds the committed ../static/kern.css and fonts: `npm ci && npm run build`. Only needed when KERN or a class changes.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { transform } from "lightningcss";
import { PurgeCSS } from "purgecss";
import * as sass from "sass";
import subsetFont from "subset-font";

const KERN = "node_modules/@kern-ux/native";
const core = (...parts) => parts.map((part) => `@use '${KERN}/src/scss/core/${part}';`).join("\n");
const compile = (source) => sass.compileString(source, { loadPaths: ["."], quietDeps: true, silenceDeprecations: ["import"] }).css;

// Only components are purged. Purging the rest drops the rule that hands the tokens to dark mode.
const whole = compile(core("global", "tokens", "layers"));
const components = compile(core("components", "typography"));
const templates = "../templates";
const content = readdirSync(templates, { recursive: true })
  .filter((name) => name.endsWith(".html"))
  .map((name) => ({ raw: readFileSync(`${templates}/${name}`, "utf8"), extension: "html" }));
const [purged] = await new PurgeCSS().purge({
  content,
  css: [{ raw: components }],
  safelist: { greedy: [/--(success|warning|danger|info|primary|secondary)$/] },
  defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
});

// KERN's colours are oklch(); phones of 2019 need sRGB, which is good enough for all.
const version = (major, minor = 0) => (major << 16) | (minor << 8);
const { code } = transform({
  filename: "kern.css",
  code: Buffer.from(whole + purged.css),
  minify: true,
  targets: { chrome: version(79), safari: version(12, 1), ios_saf: version(12, 5), firefox: version(78) },
});
const css = code.toString().replace(/@supports \(color:(lab|color)\([^{]*\{:root\{[^}]*\}\}/g, "");
const { version: release } = JSON.parse(readFileSync(`${KERN}/package.json`));
writeFileSync("../static/kern.css", `/* KERN ${release}, EUPL-1.2, purged. Made by look/build.js. */\n${css}\n`);

// The letters of European languages in the two weights the pages use.
const ranges = [[0x20, 0x7e], [0xa0, 0x17f], [0x2010, 0x2027], [0x202f, 0x202f], [0x2030, 0x2030], [0x2039, 0x203a],
  [0x20ac, 0x20ac], [0x2122, 0x2122], [0x2190, 0x2193], [0x2212, 0x2212], [0x1e9e, 0x1e9e]];
const letters = ranges.map(([from, to]) => String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i))).join("");
for (const weight of ["Regular", "SemiBold"]) {
  const font = readFileSync(`${KERN}/dist/fonts/fira-sans/FiraSans-${weight}.woff2`);
  writeFileSync(`../static/fonts/FiraSans-${weight}.woff2`, await subsetFont(font, letters, { targetFormat: "woff2", noLayoutClosure: true }));
}
