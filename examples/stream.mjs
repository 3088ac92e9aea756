import { newLayer } from "varve/stream";

const layer = newLayer(new Blob(["a".repeat(10_000)]));
console.log(await layer.digest().catch(({ code }) => code));

let size = 0;
for await (const chunk of layer.chunks()) size += chunk.length;
const { diffID, uncompressedSize } = await layer.result;
console.log(size === (await layer.size()), uncompressedSize, String(diffID));
