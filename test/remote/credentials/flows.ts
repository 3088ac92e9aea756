import {
  newDigest,
  newRepository,
  type Repository,
  newRegistry as registryOf,
} from "../../../src/name/index.js";
import {
  image as randomImage,
  index as randomIndex,
  layer as randomLayer,
} from "../../../src/random/index.js";
import type * as remoteModule from "../../../src/remote/index.js";
import type { RemoteOptions } from "../../../src/remote/index.js";
import { newLayer, type StreamLayer } from "../../../src/stream/index.js";
import {
  type Descriptor,
  dockerForeignLayer,
  dockerManifestSchema1,
  encodeManifest,
  type Hash,
  type Image,
  type Layer,
  newHash,
  ociConfigJSON,
  ociManifestSchema1,
} from "../../../src/v1/index.js";
import { digestOf } from "../fixture/layers.js";
import { CDN } from "./world.js";

/** What a flow works with. */
export interface Tools {
  readonly remote: typeof remoteModule;
  readonly options: RemoteOptions;
}

export interface Flow {
  readonly name: string;
  readonly run: (tools: Tools) => Promise<unknown>;
}

/** Holds an image `latest`, an index `index`, the tags `a` and `b`, and something that is about the image. */
export const app: Repository = newRepository("registry.example/app");
const copies: Repository = newRepository("registry.example/copies");
const registry = registryOf("registry.example");

export const appImage: Image = randomImage(200, 2, { seed: 1 });
export const appIndex = randomIndex(100, 1, 1, { seed: 2 });

/** Scopes that are enough for all flows. */
export const ALL_SCOPES: string = [
  "repository:app:push,pull,delete",
  "repository:copies:push,pull",
  "registry:catalog:*",
].join("&scope=");

/** A layer that the registry's blobs do not have, but the place that its descriptor names. */
const elsewhere = new TextEncoder().encode("kept elsewhere");
export const ELSEWHERE: string = `${CDN}/elsewhere`;

let made = 1000;

/** A layer that no registry has. */
function fresh(): Layer {
  return randomLayer(300, undefined, { seed: ++made });
}

function stream(): StreamLayer {
  const bytes = new Uint8Array(3000).map((_, index) => (index * ++made) % 251);
  return newLayer([bytes], { compression: "none" });
}

function artifact(subject: Descriptor): { rawManifest(): Promise<Uint8Array>; mediaType: string } {
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType: ociManifestSchema1,
    artifactType: "text/plain",
    config: { mediaType: ociConfigJSON, size: 2, digest: newHash(digestOf(new TextEncoder().encode("{}"))) },
    layers: [],
    subject,
    annotations: { n: String(++made) },
  });
  return { rawManifest: async () => bytes, mediaType: ociManifestSchema1 };
}

function ofFirstSchema(digest: Hash): { rawManifest(): Promise<Uint8Array>; mediaType: string } {
  const manifest = { schemaVersion: 1, fsLayers: [{ blobSum: String(digest) }], n: ++made };
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  return { rawManifest: async () => bytes, mediaType: dockerManifestSchema1 };
}

async function described(image: Image): Promise<Descriptor> {
  return { mediaType: await image.mediaType(), size: await image.size(), digest: await image.digest() };
}

async function drained(layer: Layer): Promise<void> {
  for await (const _ of await layer.compressed()) {
    // Reading it is all.
  }
}

async function readWhole(image: Image): Promise<void> {
  await image.rawConfigFile();
  for (const layer of await image.layers()) {
    await drained(layer);
  }
}

/** Fails the request of that number with that method, once. */
function losing(fetch: typeof globalThis.fetch, method: string, nth: number): typeof globalThis.fetch {
  let seen = 0;
  return async (input, init) => {
    if (init?.method === method && ++seen === nth) throw new TypeError("fetch failed");
    return fetch(input, init);
  };
}

/** A registry that has no referrers API. */
function withoutReferrers(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const answer = await fetch(input, init);
    const headers = new Headers(answer.headers);
    headers.delete("oci-subject");
    const hidden = String(input).includes("/referrers/") && answer.status === 200;
    return new Response(hidden ? null : answer.body, { status: hidden ? 404 : answer.status, headers });
  };
}

/** Everything that can be asked of a registry. */
export const flows: readonly Flow[] = [
  { name: "writeLayer, streaming", run: ({ remote, options }) => remote.writeLayer(app, stream(), options) },
  {
    name: "writeLayer, chunked",
    run: ({ remote, options }) =>
      remote.writeLayer(app, stream(), { ...options, upload: "chunked", chunkSize: 1000 }),
  },
  {
    name: "writeLayer, chunked, with a connection that breaks",
    run: ({ remote, options }) =>
      remote.writeLayer(app, stream(), {
        ...options,
        upload: "chunked",
        chunkSize: 1000,
        fetch: losing(options.fetch!, "PATCH", 2),
      }),
  },
  {
    name: "writeLayer, monolithic",
    run: ({ remote, options }) => remote.writeLayer(app, fresh(), { ...options, upload: "monolithic" }),
  },
  {
    name: "writeLayer, gone on with, and forgotten",
    run: async ({ remote, options }) => {
      const resumable = { store: remote.mapPushStore(new Map<string, Uint8Array>()), key: "layer" };
      const layer = fresh();
      const broken = { ...options, fetch: losing(options.fetch!, "PUT", 1), retryBackoff: { attempts: 1 } };
      await remote.writeLayer(app, layer, { ...broken, resumable }).catch(() => undefined);
      await remote.savedPush(resumable);
      await remote.writeLayer(app, layer, { ...options, resumable });
      const other = { store: remote.memoryPushStore(), key: "other" };
      broken.fetch = losing(options.fetch!, "PUT", 1);
      await remote.writeLayer(app, fresh(), { ...broken, resumable: other }).catch(() => undefined);
      await remote.forgetPush(app, other, options);
    },
  },
  {
    name: "write",
    run: ({ remote, options }) =>
      remote.write(app.tag("written"), randomImage(100, 2, { seed: ++made }), options),
  },
  {
    name: "writeIndex",
    run: ({ remote, options }) =>
      remote.writeIndex(app.tag("index-2"), randomIndex(50, 1, 2, { seed: ++made }), options),
  },
  {
    name: "multiWrite, with jobs",
    run: ({ remote, options }) =>
      remote.multiWrite(
        new Map([
          [app.tag("one"), randomImage(50, 1, { seed: ++made })],
          [copies.tag("two"), randomImage(50, 1, { seed: ++made })],
        ]),
        { ...options, jobs: 2 },
      ),
  },
  {
    name: "push, of something about an image",
    run: async ({ remote, options }) =>
      remote.push(app.tag("about"), artifact(await described(appImage)), options),
  },
  {
    name: "push and referrers, by tag",
    run: async ({ remote, options }) => {
      const without = { ...options, fetch: withoutReferrers(options.fetch!) };
      await remote.push(app.tag("about"), artifact(await described(appImage)), without);
      await remote.referrers(app.digest(await appImage.digest()), without);
    },
  },
  { name: "put", run: ({ remote, options }) => remote.put(app.tag("put"), appImage, options) },
  { name: "tag", run: ({ remote, options }) => remote.tag(app.tag("tagged"), appImage, options) },
  { name: "get", run: ({ remote, options }) => remote.get(app.tag("latest"), options) },
  { name: "head", run: ({ remote, options }) => remote.head(app.tag("latest"), options) },
  {
    name: "image, to the last byte",
    run: async ({ remote, options }) => readWhole(await remote.image(app.tag("latest"), options)),
  },
  {
    name: "image, whose layer is elsewhere",
    run: async ({ remote, options }) => readWhole(await remote.image(app.tag("elsewhere"), options)),
  },
  {
    name: "index",
    run: async ({ remote, options }) => (await remote.index(app.tag("index"), options)).indexManifest(),
  },
  {
    name: "layer",
    run: async ({ remote, options }) => {
      const [first] = await appImage.layers();
      const layer = await remote.layer(newDigest(`${app}@${await first?.digest()}`), options);
      await layer.size();
      await drained(layer);
    },
  },
  { name: "list, page by page", run: ({ remote, options }) => remote.list(app, { ...options, pageSize: 1 }) },
  { name: "catalog", run: ({ remote, options }) => remote.catalog(registry, { ...options, pageSize: 1 }) },
  {
    name: "referrers",
    run: async ({ remote, options }) => remote.referrers(app.digest(await appImage.digest()), options),
  },
  {
    name: "deleteManifest",
    run: async ({ remote, options }) => {
      await remote.put(app.tag("gone"), artifact(await described(appImage)), options);
      await remote.deleteManifest(app.tag("gone"), options);
    },
  },
  { name: "checkPushPermission", run: ({ remote, options }) => remote.checkPushPermission(app, options) },
  {
    name: "write, of an image to be mounted",
    run: async ({ remote, options }) =>
      remote.write(copies.tag(`mounted-${++made}`), await remote.image(app.tag("latest"), options), options),
  },
  {
    name: "a Pusher and a Puller",
    run: async ({ remote, options }) => {
      const pusher = remote.newPusher(options);
      await pusher.upload(app, fresh());
      await pusher.push(app.tag("pushed"), appImage);
      await pusher.pushAll(new Map([[copies.tag("pushed"), randomImage(50, 1, { seed: ++made })]]));
      await pusher.put(app.tag("put"), appImage);
      await remote.writeLayer(copies, fresh(), { reuse: pusher });
      const puller = remote.newPuller({ ...options, pageSize: 1 });
      const found = await puller.get(app.tag("latest"));
      await readWhole(await found.image());
      await found.rawManifest();
      await puller.head(app.tag("latest"));
      await puller.image(app.tag("latest"));
      await (await puller.index(app.tag("index"))).indexManifest();
      await (await puller.get(app.tag("index"))).imageIndex().indexManifest();
      const [first] = await appImage.layers();
      await pusher.put(app.tag("old"), ofFirstSchema(await first!.digest()));
      for (const layer of await (await puller.get(app.tag("old"))).schema1().layers()) await drained(layer);
      await drained(puller.layer(newDigest(`${app}@${await first?.digest()}`)));
      for await (const _ of puller.lister(app)) break;
      for await (const _ of puller.cataloger(registry, { last: "a" })) break;
      await puller.list(app);
      await puller.catalog(registry);
      await puller.referrers(app.digest(await appImage.digest()));
    },
  },
];

/** Puts into a registry without a guard what the flows look for. */
export async function prepare(remote: typeof remoteModule, fetch: typeof globalThis.fetch): Promise<void> {
  const options = { fetch, nondistributable: false };
  await remote.write(app.tag("latest"), appImage, options);
  for (const tag of ["a", "b"]) {
    await remote.tag(app.tag(tag), appImage, options);
  }
  await remote.writeIndex(app.tag("index"), appIndex, options);
  await remote.push(app.tag("about-latest"), artifact(await described(appImage)), options);
  const config = await appImage.configName();
  const raw = await appImage.rawConfigFile();
  const layers = [
    {
      mediaType: dockerForeignLayer,
      size: elsewhere.length,
      digest: newHash(digestOf(elsewhere)),
      urls: [`${ELSEWHERE}?X-Signature=public`],
    },
  ];
  const manifest = encodeManifest({
    schemaVersion: 2,
    mediaType: ociManifestSchema1,
    config: { mediaType: ociConfigJSON, size: raw.length, digest: config },
    layers,
  });
  await remote.put(
    app.tag("elsewhere"),
    { rawManifest: async () => manifest, mediaType: ociManifestSchema1 },
    options,
  );
}

/** Gives the layer that is elsewhere. */
export function answerElsewhere(request: Request): Response | undefined {
  return request.url.startsWith(ELSEWHERE) ? new Response(elsewhere) : undefined;
}
