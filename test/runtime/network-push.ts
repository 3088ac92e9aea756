import { newRepository } from "varve/name";
import { newFetch } from "varve/node";
import { type WriteLayerOptions, writeLayer } from "varve/remote";
import { newLayer } from "varve/stream";
import { concat, randomBytes, text } from "../fixtures/bytes.js";
import type { Suite } from "../portable/runner.js";
import { judgePush } from "./pushed-layer.js";
import { startRegistryStub } from "./registry-stub.js";

/** A push over a socket, by this runtime's own `fetch` and by the one of `varve/node`. */
export const networkPush: Suite = (test) => {
  const push = async (options: WriteLayerOptions): Promise<void> => {
    const registry = await startRegistryStub();
    try {
      const halves = [
        randomBytes(2_000_000, 21),
        concat(text(100_000, 22), randomBytes(500_000, 23)),
      ] as const;
      const layer = newLayer(
        (async function* () {
          yield halves[0];
          // A runtime that gathers a request's body before it sends anything would wait here for ever.
          await registry.begun;
          yield halves[1];
        })(),
      );
      const { digest, size } = await writeLayer(newRepository(registry.repository), layer, options);
      judgePush(registry, concat(...halves), {
        digest: String(digest),
        diffID: String(await layer.diffID()),
        size,
      });
    } finally {
      registry.stop();
    }
  };

  test("acceptance 35: a layer is pushed while its source comes, by POST, one streamed PATCH, and PUT", () =>
    push({}));

  test("a layer is pushed while its source comes by the fetch of varve/node, too", () =>
    push({ fetch: newFetch({ env: {} }) }));
};
