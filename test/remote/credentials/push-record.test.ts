import { expect, it } from "vitest";
import { fetchOf } from "../../../src/registry/index.js";
import * as remote from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import { randomBytes } from "../../fixtures/bytes.js";
import { app, prepare } from "./flows.js";
import { kinds } from "./kinds.js";
import { detourTo, places } from "./places.js";
import { unmistakable } from "./secrets.js";
import { REGISTRY, UPLOADS, World } from "./world.js";

const content = randomBytes(30_000, 1);

const uploads = places.filter(({ name }) => /^nowhere|^uploads at another host$/.test(name));
const cases = kinds.flatMap((kind) =>
  kind.lets.flatMap((scheme) => uploads.map((place) => ({ kind, scheme, place }))),
);

it.each(cases)(
  "what is saved of a push to a $scheme registry with $kind.name, uploads $place.name, has the upload's address and no credential",
  async ({ kind, scheme, place }) => {
    const world = new World(scheme, unmistakable("password"));
    await prepare(remote, fetchOf(world.open.fetch));
    world.detour = detourTo(place);
    const saved: Uint8Array[] = [];
    const values = new Map<string, Uint8Array>();
    const set = (key: string, value: Uint8Array): void => {
      values.set(key, value);
      saved.push(value);
    };
    const store = remote.mapPushStore({
      get: (key) => values.get(key),
      set,
      delete: (key) => values.delete(key),
    });
    let patches = 0;
    const options: remote.WriteLayerOptions = {
      ...(await kind.options(world)),
      upload: "chunked",
      chunkSize: 5000,
      resumable: { store, key: "layer" },
      retryBackoff: { attempts: 1 },
      fetch: async (input, init) => {
        if (init?.method === "PATCH" && ++patches === 3) throw new TypeError("fetch failed");
        return world.fetch(input, init);
      },
    };
    const layer = () => newLayer([content]);
    await expect(remote.writeLayer(app, layer(), options)).rejects.toThrow("no answer from");
    await remote.writeLayer(app, layer(), options);
    expect(saved.length).toBeGreaterThan(2);
    const texts = saved.map((value) => new TextDecoder("latin1").decode(value));
    expect(new Set(texts.flatMap((text) => world.secrets.in(text)))).toEqual(new Set(["upload signature"]));
    const origin = place.name.startsWith("nowhere") ? REGISTRY : UPLOADS;
    expect(texts.every((text) => text.includes(`${origin}/v2/app/blobs/uploads/`))).toBe(true);
    await world[Symbol.asyncDispose]();
  },
);
