import { fromCompressed } from "varve/stream";
import { unzstd } from "varve/zstd";

// A frame of "hello" as `zstd` makes it.
const frame = Uint8Array.from(atob("KLUv/QRYKQAAaGVsbG+jbZ+I").split(""), (unit) => unit.charCodeAt(0));
console.log(new TextDecoder().decode(unzstd(frame)));

const layer = fromCompressed(frame);
for await (const _ of layer.chunks());
console.log(String(await layer.diffID()));
