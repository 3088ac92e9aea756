/**
 * Writes golden.json from the built package: `node test/golden/update.mjs`, after `npm run build`.
 *
 * To be run only when the encoder format changes on purpose; the change belongs in the changelog.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";
import { Gzip, init } from "varve/core";

const FORMAT = "varve-gzip/0";
const LEVELS = [-2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

const bundle = await build({
  entryPoints: [fileURLToPath(new URL("inputs.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  write: false,
});
const code = bundle.outputFiles.map(({ contents }) => Buffer.from(contents).toString("base64")).join("");
/** @type {typeof import("./inputs.js")} */
const { goldenInputs } = await import(`data:text/javascript;base64,${code}`);

/** @param {Uint8Array} bytes */
function described(bytes) {
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/**
 * @param {Uint8Array} input
 * @param {number} level
 */
function gzip(input, level) {
  const encoder = new Gzip(level);
  /** @type {Buffer[]} */
  const pieces = [];
  const take = () => {
    const view = encoder.take();
    if (view) pieces.push(Buffer.from(view));
  };
  for (let offset = 0; offset < input.length; ) {
    offset = encoder.update(input, offset);
    take();
  }
  encoder.finish();
  take();
  encoder.release();
  const output = Buffer.concat(pieces);
  if (!gunzipSync(output).equals(input))
    throw new Error("the gzip does not give its input back: the table is not written");
  return described(output);
}

await init();
const rows = goldenInputs.map(({ name, make }) => {
  const input = make();
  return {
    name,
    input: described(input),
    gzip: Object.fromEntries(LEVELS.map((level) => [level, gzip(input, level)])),
  };
});
const target = new URL("golden.json", import.meta.url);
writeFileSync(target, `${JSON.stringify({ format: FORMAT, levels: LEVELS, rows }, null, 2)}\n`);
process.stdout.write(
  `${rows.length} inputs at levels ${LEVELS.join(", ")} of ${FORMAT}: ${fileURLToPath(target)}\n`,
);
