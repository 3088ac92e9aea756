/** Pushes stdin with the library: push-stdin.mjs REPOSITORY WAY CHUNK. Prints what became of it, as a line of JSON. */
import { newRepository } from "varve/name";
import { writeLayer } from "varve/remote";
import { newLayer } from "varve/stream";

const [repository = "", upload, chunkSize] = process.argv.slice(2);
const layer = newLayer(process.stdin);
await writeLayer(newRepository(repository), layer, {
  upload: /** @type {import("varve/remote").UploadMode} */ (upload),
  chunkSize: Number(chunkSize),
});
const { digest, diffID, size } = await layer.result;
console.log(JSON.stringify({ digest: String(digest), diffID: String(diffID), size }));
