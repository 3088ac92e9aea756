import { subject } from "../../../../src/mutate/index.js";
import { newRegistry as newRegistryName, newRepository, newTag } from "../../../../src/name/index.js";
import { faults } from "../../../../src/registry/index.js";
import {
  catalog,
  head,
  list,
  image as pull,
  index as pullIndex,
  type RemoteOptions,
  referrers,
  layer as remoteLayer,
  tag,
  write,
  writeIndex,
} from "../../../../src/remote/index.js";
import { newLayer } from "../../../../src/stream/index.js";
import type { Image } from "../../../../src/v1/index.js";
import { randomBytes } from "../../../fixtures/bytes.js";
import { IndexOf, imageOf } from "../../fixture/images.js";
import { digestOf, KnownLayer } from "../../fixture/layers.js";
import { type Blow, HOST } from "./bench.js";
import type { Calamity } from "./calamities.js";
import type { Flow } from "./flow.js";

const CONTENT: Uint8Array = randomBytes(150_000, 7);
const SMALL = [randomBytes(100, 3), randomBytes(100, 4)].map((bytes) => imageOf([new KnownLayer(bytes)]));
const [FIRST, SECOND] = SMALL as [Image, Image];

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** Everything that an image is made of, by digests that are computed here. */
async function read(image: Image, options: RemoteOptions): Promise<string> {
  const { signal } = options;
  const parts = [await image.rawManifest({ signal }), await image.rawConfigFile({ signal })];
  for (const layer of await image.layers({ signal })) {
    parts.push(await bytesOf(await layer.compressed({ signal })));
  }
  return parts.map(digestOf).join(" ");
}

function pulling(name: string, rest: Partial<Flow> = {}): Flow {
  return {
    name,
    reads: true,
    prepare: async (quiet) => {
      await write(newTag(`${HOST}/image:latest`), imageOf([newLayer([CONTENT])]), quiet);
    },
    run: async (client) => read(await pull(newTag(`${HOST}/image:latest`), client), client),
    ...rest,
  };
}

/** A redirect has no body that anything could happen to. */
function ofBody({ family, name }: Calamity): boolean {
  return family.endsWith("body") || name.startsWith("one bit") || name.startsWith("the answer stalls");
}

function cut(kind: Blow["kind"]): Blow {
  return { kind, nth: 2, times: 1, effect: faults.cutAnswer(50_000) };
}

const pullingIndex: Flow = {
  name: "a pull of an index and its images",
  strikes: ({ kind, nth }) => kind === "GET manifest" && nth <= 2,
  reads: true,
  prepare: (quiet) =>
    writeIndex(newTag(`${HOST}/index:latest`), new IndexOf(FIRST, new IndexOf(SECOND)), quiet),
  run: async (client) => {
    const { signal } = client;
    const index = await pullIndex(newTag(`${HOST}/index:latest`), client);
    const { manifests } = await index.indexManifest({ signal });
    const [image, nested] = manifests!;
    const inner = await index.imageIndex(nested!.digest, { signal });
    const [last] = (await inner.indexManifest({ signal })).manifests!;
    return [
      digestOf(await index.rawManifest({ signal })),
      await read(await index.image(image!.digest, { signal }), client),
      await read(await inner.image(last!.digest, { signal }), client),
    ];
  },
};

async function prepareTags(quiet: RemoteOptions): Promise<void> {
  await write(newTag(`${HOST}/one:a`), FIRST, quiet);
  for (const name of ["one:b", "one:c", "one:d", "one:e"]) await tag(newTag(`${HOST}/${name}`), FIRST, quiet);
  await write(newTag(`${HOST}/two:a`), FIRST, quiet);
  await write(newTag(`${HOST}/three:a`), FIRST, quiet);
}

const listing: Flow = {
  name: "a list of tags, page by page",
  strikes: ({ kind }) => kind === "GET tags",
  reads: true,
  prepare: prepareTags,
  run: (client) => list(newRepository(`${HOST}/one`), { ...client, pageSize: 2 }),
};

const cataloguing: Flow = {
  name: "a list of repositories, page by page",
  strikes: ({ kind }) => kind === "GET catalog",
  reads: true,
  prepare: prepareTags,
  run: (client) => catalog(newRegistryName(HOST), { ...client, pageSize: 2 }),
};

function listingReferrers(name: string, referrersAPI: boolean): Flow {
  return {
    name,
    reads: true,
    bench: { referrersAPI },
    strikes: ({ kind }) => kind === (referrersAPI ? "GET referrers" : "GET referrers tag"),
    prepare: async (quiet) => {
      const { mediaType, size, digest } = await write(newTag(`${HOST}/image:first`), FIRST, quiet);
      const about = subject(SECOND, { mediaType, size, digest });
      await write(newTag(`${HOST}/image:referrer`), about, quiet);
    },
    run: async (client) => {
      const { signal } = client;
      const of = newRepository(`${HOST}/image`).digest(await FIRST.digest());
      return digestOf(await (await referrers(of, client)).rawManifest({ signal }));
    },
  };
}

const asking: Flow = {
  name: "questions about a manifest and a blob",
  strikes: ({ kind }) => kind.startsWith("HEAD"),
  manners: { "HEAD blob": "request" },
  reads: true,
  prepare: (quiet) => write(newTag(`${HOST}/image:first`), FIRST, quiet),
  run: async (client) => {
    const { signal } = client;
    const { digest, size } = await head(newTag(`${HOST}/image:first`), client);
    const [layer] = await FIRST.layers();
    const blob = await remoteLayer(newRepository(`${HOST}/image`).digest(await layer!.digest()), client);
    return [String(digest), size, await blob.size({ signal })];
  },
};

export const PULL_FLOWS: readonly Flow[] = [
  pulling("a pull of an image"),
  pulling("a pull of an image from where the registry redirects to", {
    bench: { redirects: true },
    strikes: ({ kind }, calamity) => kind === "GET store" || (kind === "GET blob" && !ofBody(calamity)),
  }),
  pulling("a pull that breaks off in a layer", {
    bench: { blows: [cut("GET blob")] },
    tells: /connection broke \(ECONNRESET\)/,
    strikes: ({ kind }) => kind === "GET blob rest",
  }),
  pulling("a pull that breaks off in a layer, from where the registry redirects to", {
    bench: { redirects: true, blows: [cut("GET store")] },
    tells: /connection broke \(ECONNRESET\)/,
    strikes: ({ kind }, calamity) =>
      kind === "GET store rest" || (kind === "GET blob rest" && !ofBody(calamity)),
  }),
  pullingIndex,
  listing,
  cataloguing,
  listingReferrers("a list of referrers", true),
  listingReferrers("a list of referrers, from the tag that stands for an API", false),
  asking,
];
