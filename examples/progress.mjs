// Sums up how far the blobs of an image have come: the last event of each blob counts.
import { newTag } from "varve/name";
import { image } from "varve/random";
import { fetchOf, newRegistry } from "varve/registry";
import { write } from "varve/remote";

const blobs = new Map();

function onProgress(event) {
  blobs.set(event.scope, event);
}

await write(newTag("registry.example/app:v1"), image(10_000, 2, { seed: 1 }), {
  fetch: fetchOf(newRegistry().fetch),
  onProgress,
});

let sent = 0;
for (const event of blobs.values()) sent += event.sent;
console.log(`${sent} bytes of ${blobs.size} blobs`);
