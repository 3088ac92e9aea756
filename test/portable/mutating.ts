import { image as scratch } from "varve/empty";
import {
  AdditionError,
  append,
  appendLayers,
  canonical,
  config,
  extract,
  rebase,
  UnsafeTarPathError,
} from "varve/mutate";
import { memorySpool, newLayer } from "varve/stream";
import { NotComputedError } from "varve/v1";
import { ascii, concat } from "../fixtures/bytes.js";
import { equal, refuses } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

/** What the image of the stream is, as SHA-256 in hexadecimal: no compressor has a part in it. */
const GOLDEN_IMAGE = "43a0a46e1a64b0f3d751786a73b608c6762f732f2bf64d247aa8a961a00db779";
/** What its two layers are when flattened. */
const GOLDEN_TAR = "a880a52ea14d5cb2d8cfa11883dcc0376025075db55afef2128327b1fbdec893";
/** What the image is without times. */
const GOLDEN_CANONICAL = "2acf8c8d6fd872e184ceaf1cc7727e63ee56fb02fd1a222ebbb44b699785a9da";

/** A tar of files as ustar has them; each is smaller than a block. */
function tar(...files: readonly (readonly [name: string, content: string])[]): Uint8Array<ArrayBuffer> {
  const blocks = files.flatMap(([name, content]) => {
    const header = new Uint8Array(512);
    const size = content.length.toString(8).padStart(11, "0");
    header.set(ascii(`${name}`));
    header.set(ascii(`0000644\x000000000\x000000000\x00${size}\x0012345670123\x00        0`), 100);
    header.set(ascii("ustar\x0000"), 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.set(ascii(`${sum.toString(8).padStart(6, "0")}\x00 `), 148);
    const body = new Uint8Array(content.length > 0 ? 512 : 0);
    body.set(ascii(content));
    return [header, body];
  });
  return concat(...blocks, new Uint8Array(1024));
}

/** Images that are made of others. */
export const mutating: Suite = (test) => {
  test("an image takes streams before they have been read, and is the same everywhere afterwards", async () => {
    const bytes = tar(["a", "one"], ["b", "two"]);
    const layer = newLayer(pieces(bytes, 100), { compression: "none" });
    const image = config(append(scratch, { layer, history: { createdBy: "me" } }), { cmd: ["/run"] });
    await refuses(() => image.digest(), NotComputedError);
    await refuses(() => image.rawConfigFile(), NotComputedError);
    equal((await image.layers())[0], layer);
    await readToEnd(await layer.compressed());
    equal((await image.digest()).hex, GOLDEN_IMAGE);
    equal(await sha256Hex(new Uint8Array(await image.rawManifest())), GOLDEN_IMAGE);
    equal((await image.manifest()).layers?.length, 1);
    await refuses(() => append(image, {}), AdditionError);
  });

  test("layers are flattened, put on another base, and made timeless", async () => {
    const layers = [
      tar(["a", "one"], ["b", "two"], ["d/e", "three"]),
      tar([".wh.a", ""], ["c", "four"], ["d/.wh..wh..opq", ""]),
    ].map((bytes) => newLayer(bytes, { compression: "none", spool: memorySpool() }));
    for (const layer of layers) await readToEnd(await layer.compressed());
    const [lower, upper] = layers;
    const image = appendLayers(scratch, lower!, upper!);
    equal(await sha256Hex(await readToEnd(extract(image))), GOLDEN_TAR);

    const timeless = canonical(image);
    equal((await timeless.digest()).hex, GOLDEN_CANONICAL);
    equal(await sha256Hex(await readToEnd(extract(image))), GOLDEN_TAR);

    const moved = await rebase(image, appendLayers(scratch, lower!), appendLayers(scratch, upper!));
    equal(String(await (await moved.layers())[0]!.digest()), String(await upper!.digest()));
    equal(String(await (await moved.layers())[1]!.digest()), String(await upper!.digest()));
  });

  test("a layer that leads out of the root is refused", async () => {
    const layer = newLayer(tar(["../a", "x"]), { compression: "none", spool: memorySpool() });
    await readToEnd(await layer.compressed());
    await refuses(() => readToEnd(extract(appendLayers(scratch, layer))), UnsafeTarPathError);
  });
};
