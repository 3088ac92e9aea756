// Pushes a layer that is interrupted twice, and goes on each time where the registry stands. Here the registry lies in the same memory and the
// interruptions are made; in earnest each push is another process, and the store is filePushStore(DIRECTORY) of varve/node.
import { newRepository } from "varve/name";
import { faults, fetchOf, newRegistry, withFaults } from "varve/registry";
import { memoryPushStore, writeLayer } from "varve/remote";
import { newLayer } from "varve/stream";

const registry = newRegistry();
const repository = newRepository("registry.example/team/app");
const store = memoryPushStore();

/** The source is given from its first byte each time. */
function* source() {
  let state = 1;
  for (let piece = 0; piece < 20; piece++) {
    yield new Uint8Array(50_000).map(() => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
  }
}

for (const interruption of [2, 3, undefined]) {
  const handler = withFaults(registry.fetch, [
    { method: "PATCH", nth: interruption ?? Number.POSITIVE_INFINITY, effect: faults.status(403) },
  ]);
  const layer = newLayer(source());
  try {
    await writeLayer(repository, layer, {
      fetch: fetchOf(handler),
      chunkSize: 100_000,
      resumable: {
        store,
        key: "app layer",
        onResume: ({ stored }) => console.log(`going on: the registry has ${stored} bytes`),
        onRestart: ({ reason }) => console.log(`starting over: ${reason}`),
      },
    });
    const uninterrupted = newLayer(source());
    await uninterrupted.writeTo(() => {});
    console.log(String(await layer.digest()) === String(await uninterrupted.digest()));
  } catch {
    console.log("interrupted");
  }
}
