import { fromConfig } from "varve/authn";
import { newTag, type Tag } from "varve/name";
import { faults, fetchOf, newRegistry, withFaults } from "varve/registry";
import {
  get,
  image,
  layer,
  list,
  newPuller,
  newPusher,
  put,
  RegistryError,
  type Taggable,
  writeLayer,
} from "varve/remote";
import { newLayer } from "varve/stream";
import { type Descriptor, type Layer, VerificationError } from "varve/v1";
import { concat, randomBytes } from "../fixtures/bytes.js";
import { equal, refuses, sameBytes } from "./assert.js";
import { sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar";
const CONFIG = "application/vnd.oci.image.config.v1+json";

function blob(bytes: Uint8Array, mediaType: string): Layer {
  return newLayer(bytes, { compression: "none", mediaType });
}

function manifestOf(config: Descriptor, layers: readonly Descriptor[]): Taggable {
  const bytes = new TextEncoder().encode(
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers }),
  );
  return { rawManifest: async () => bytes, mediaType: MANIFEST };
}

/** By its reader: what a stream fails with is lost where browsers gather it in a Response. */
async function read(layer: Layer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = (await layer.compressed()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(...chunks);
    chunks.push(value);
  }
}

/** Pushes an image of one layer. */
async function pushImage(
  tag: Tag,
  content: Uint8Array<ArrayBuffer>,
  fetchThere: typeof fetch,
): Promise<void> {
  const pusher = newPusher({ fetch: fetchThere });
  const config = new TextEncoder().encode(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [`sha256:${await sha256Hex(content)}`] },
    }),
  );
  const layers = [await pusher.upload(tag.context(), blob(content, LAYER))];
  await put(tag, manifestOf(await pusher.upload(tag.context(), blob(config, CONFIG)), layers), {
    reuse: pusher,
  });
}

/** Images into a registry that lies in the same memory, and back. */
export const remote: Suite = (test) => {
  test("an image is pushed and pulled back", async () => {
    const fetchThere = fetchOf(newRegistry().fetch);
    const tag = newTag("registry.example/app:v1");
    const content = randomBytes(300_000, 51);
    await pushImage(tag, content, fetchThere);
    const reuse = newPuller({ fetch: fetchThere });
    equal((await list(tag.context(), { reuse })).join(), "v1");
    const pulled = await image(tag, { reuse });
    equal(String(await pulled.digest()), String((await get(tag, { reuse })).digest));
    const [first] = await pulled.layers();
    sameBytes(await read(first!), content, "the layer");
    equal(String(await first!.diffID()), String((await pulled.configFile()).rootfs?.diffIDs?.[0]));
  });

  test("a stream arrives in chunks over a connection that breaks", async () => {
    const fetchThere = fetchOf(newRegistry().fetch);
    let patches = 0;
    const breaking: typeof fetch = async (input, init) => {
      const answered = init?.method === "PATCH" && ++patches === 2;
      const response = await fetchThere(input, init);
      if (answered)
        throw new TypeError("fetch failed", {
          cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }),
        });
      return response;
    };
    const content = randomBytes(250_000, 52);
    const tag = newTag("registry.example/chunks:v1");
    const written = await writeLayer(tag.context(), blob(content, LAYER), {
      fetch: breaking,
      upload: "chunked",
      chunkSize: 100_000,
      retryBackoff: { delay: 0 },
    });
    equal(String(written.digest), `sha256:${await sha256Hex(content)}`);
    equal(patches, 3, "the chunks");
  });

  test("a registry with users is written to with tokens that expire, and read by nobody else", async () => {
    const registry = newRegistry({ auth: { scheme: "bearer", users: { me: "sécret" } } });
    const handler = withFaults(registry.fetch, [
      { method: "POST", effect: faults.expireCredentials() },
      { method: "PUT", effect: faults.expireCredentials() },
    ]);
    const options = { fetch: fetchOf(handler), retryBackoff: { attempts: 1 } };
    const tag = newTag("registry.example/private:v1");
    const auth = fromConfig({ username: "me", password: "sécret" });
    const { digest } = await writeLayer(tag.context(), blob(randomBytes(1000, 54), LAYER), {
      ...options,
      auth,
    });
    const [mine, others] = [{ ...options, auth }, options];
    equal(await (await layer(tag.context().digest(digest), mine)).size(), 1000);
    const refused = await refuses(
      async () => (await layer(tag.context().digest(digest), others)).size(),
      RegistryError,
    );
    equal(refused.code, "ERR_VARVE_UNAUTHORIZED");
  });

  test("a damaged layer is not handed on whole", async () => {
    const registry = newRegistry();
    const tag = newTag("registry.example/damaged:v1");
    await pushImage(tag, randomBytes(50_000, 53), fetchOf(registry.fetch));
    const damaging = fetchOf(
      withFaults(registry.fetch, [
        {
          method: "GET",
          path: /\/blobs\/sha256:/,
          times: Number.POSITIVE_INFINITY,
          effect: faults.corruptAnswer(49_999),
        },
      ]),
    );
    const [first] = await (await image(tag, { fetch: damaging })).layers();
    await refuses(() => read(first!), VerificationError);
  });
};
