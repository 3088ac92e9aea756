import { newRepository } from "varve/name";
import { faults, fetchOf, newRegistry, withFaults } from "varve/registry";
import { mapPushStore, ResumeError, savedPush, writeLayer } from "varve/remote";
import { newLayer, SourceChangedError } from "varve/stream";
import { randomBytes } from "../fixtures/bytes.js";
import { ensure, equal, refuses } from "./assert.js";
import { pieces } from "./chunks.js";
import type { Suite } from "./runner.js";

/** Pushes that are interrupted, and go on with what a map has kept. */
export const resumablePushes: Suite = (test) => {
  const input = randomBytes(900_000, 91);
  const repository = newRepository("localhost:5000/resumable");

  test("a push goes on in another call, to the digest of an uninterrupted one", async () => {
    const registry = newRegistry();
    const values = new Map<string, Uint8Array>();
    const push = async (from: Uint8Array<ArrayBuffer>, handler = registry.fetch): Promise<unknown[]> => {
      const events: unknown[] = [];
      const layer = newLayer(pieces(from, 60_000));
      await writeLayer(repository, layer, {
        fetch: fetchOf(handler),
        chunkSize: 100_000,
        retryBackoff: { attempts: 1 },
        resumable: {
          store: mapPushStore(values),
          key: "layer",
          onResume: (event) => events.push(event.stored),
        },
      });
      return [...events, String(await layer.digest())];
    };
    const refusing = withFaults(registry.fetch, [{ method: "PATCH", nth: 4, effect: faults.status(403) }]);
    await refuses(() => push(input, refusing), Error);
    const saved = await savedPush({ store: mapPushStore(values), key: "layer" });
    equal(saved?.acknowledged, 300_000, "what was confirmed");

    const other = input.slice();
    other[5]! ^= 1;
    await refuses(() => push(other), SourceChangedError);
    const value = values.get("layer")!;
    values.set("layer", value.slice(0, -1));
    await refuses(() => push(input), ResumeError);
    values.set("layer", value);

    const whole = newLayer(input);
    await whole.writeTo(() => undefined);
    equal((await push(input)).join(), `300000,${await whole.digest()}`, "how the push ended");
    equal(values.size, 0, "what is left in the store");
    await registry.close();
  });

  test("one push has a key at a time", async () => {
    const map = new Map<string, Uint8Array>();
    const release = await mapPushStore(map).acquire("layer");
    ensure(release !== undefined, "the key is taken");
    equal(await mapPushStore(map).acquire("layer"), undefined, "the second");
    await release();
  });
};
