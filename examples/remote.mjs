// Writes an image into a registry, lists its tags, and reads it back. Here the registry lies in the same memory; for a real one leave `fetch` out.
import { newTag } from "varve/name";
import { image as randomImage } from "varve/random";
import { fetchOf, newRegistry } from "varve/registry";
import { image, list, write } from "varve/remote";

const options = { fetch: fetchOf(newRegistry().fetch) };
const tag = newTag("registry.example/team/app:v1");

const written = await write(tag, randomImage(10_000, 2, { seed: 1 }), options);
console.log(await list(tag.context(), options));

const pulled = await image(tag, options);
console.log(String(await pulled.digest()) === String(written.digest));
for (const layer of await pulled.layers()) {
  let bytes = 0;
  for await (const piece of await layer.compressed()) bytes += piece.length;
  console.log(bytes === (await layer.size()), bytes);
}
