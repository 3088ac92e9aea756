import { VarveError } from "../../../../src/core/index.js";
import { annotations as annotate, subject } from "../../../../src/mutate/index.js";
import { newDigest, newRepository, newTag } from "../../../../src/name/index.js";
import { faults } from "../../../../src/registry/index.js";
import {
  deleteManifest,
  memoryPushStore,
  image as pull,
  type RemoteOptions,
  tag,
  type UploadMode,
  write,
  writeIndex,
  writeLayer,
} from "../../../../src/remote/index.js";
import { newLayer } from "../../../../src/stream/index.js";
import type { Descriptor, Image, Layer } from "../../../../src/v1/index.js";
import { randomBytes } from "../../../fixtures/bytes.js";
import { IndexOf, imageOf } from "../../fixture/images.js";
import { KnownLayer } from "../../fixture/layers.js";
import { type Blow, HOST } from "./bench.js";
import type { Flow, Sources } from "./flow.js";

/** Three chunks. */
const STREAMED: Uint8Array = randomBytes(240 * 1024, 1);
/** Two chunks. */
const PLAIN: Uint8Array = randomBytes(160 * 1024, 2);
/** In one piece as in chunks. */
const SHORT: Uint8Array = PLAIN.subarray(0, 40_000);
/** More than the least that a chunk is made smaller to. */
const CHUNK = 80 * 1024;

/** A layer that knows its digest, from a source that is watched. */
class PlainLayer extends KnownLayer {
  readonly #sources: Sources;

  constructor(bytes: Uint8Array, sources: Sources) {
    super(bytes);
    this.#sources = sources;
  }

  override async compressed(): Promise<ReadableStream<Uint8Array>> {
    return this.#sources.stream(this.bytes);
  }
}

function streamed(sources: Sources, bytes: Uint8Array = STREAMED): Layer {
  return newLayer(sources.chunks(bytes), { compression: "none" });
}

function told({ mediaType, size, digest }: Descriptor): string {
  return `${mediaType} ${size} ${digest}`;
}

/** An image of a stream and of a layer that is known. */
export function pushing(upload: UploadMode | undefined, rest: Partial<Flow> = {}): Flow {
  return {
    name: `a push of an image, ${upload ?? "in whatever way fits"}`,
    run: async (client, sources) => {
      const [stream, plain] =
        upload === "chunked" ? [STREAMED, PLAIN] : [STREAMED.subarray(0, 60_000), SHORT];
      const image = imageOf([streamed(sources, stream), new PlainLayer(plain, sources)]);
      const options = { ...client, upload, chunkSize: CHUNK };
      return told(await write(newTag(`${HOST}/image:latest`), image, options));
    },
    ...rest,
  };
}

/** A stream alone. */
export function pushingStream(upload: UploadMode, name: string, blow: Blow, rest: Partial<Flow> = {}): Flow {
  return {
    name,
    bench: { blows: [blow] },
    run: async (client, sources) => {
      const options = { ...client, upload, chunkSize: CHUNK };
      return told(await writeLayer(newRepository(`${HOST}/image`), streamed(sources), options));
    },
    ...rest,
  };
}

/** A known layer alone. */
export function pushingKnown(name: string, blow: Blow, rest: Partial<Flow> = {}): Flow {
  return {
    name,
    bench: { blows: [blow] },
    run: async (client, sources) => {
      const layer = new PlainLayer(PLAIN, sources);
      return told(await writeLayer(newRepository(`${HOST}/image`), layer, { ...client, chunkSize: CHUNK }));
    },
    ...rest,
  };
}

const SMALL = [randomBytes(100, 3), randomBytes(100, 4)].map((bytes) => imageOf([new KnownLayer(bytes)]));
const [FIRST, SECOND] = SMALL as [(typeof SMALL)[0], (typeof SMALL)[0]];

const pushingIndex: Flow = {
  name: "a push of an index and its images",
  branches: true,
  // What comes after the second is as that.
  strikes: ({ kind, nth }) => kind.endsWith("manifest") && nth <= 2,
  run: async (client) =>
    told(await writeIndex(newTag(`${HOST}/index:latest`), new IndexOf(FIRST, new IndexOf(SECOND)), client)),
};

const mounting: Flow = {
  name: "a push of an image whose layers another repository has",
  strikes: ({ kind, nth }) => kind === "POST mount" || (kind === "token" && nth === 2),
  manners: { token: "mount" },
  prepare: (quiet) => write(newTag(`${HOST}/source:latest`), FIRST, quiet),
  run: async (client, _, quiet) => {
    const image = await pull(newTag(`${HOST}/source:latest`), quiet);
    return told(await write(newTag(`${HOST}/target:latest`), image, client));
  },
};

async function aboutFirst(annotations: Record<string, string> = {}): Promise<Image> {
  const about = {
    mediaType: await FIRST.mediaType(),
    size: await FIRST.size(),
    digest: await FIRST.digest(),
  };
  return annotate(subject(SECOND, about), annotations);
}

const referring: Flow = {
  name: "a push of a referrer to a registry without an API for referrers",
  bench: { referrersAPI: false },
  strikes: ({ kind }, { family }) =>
    kind === "PUT manifest" || kind.endsWith("tag") || (kind === "GET referrers" && !family.endsWith("body")),
  manners: { "GET referrers": "attempt", "GET referrers tag": "attempt" },
  prepare: async (quiet) => {
    await write(newTag(`${HOST}/image:first`), FIRST, quiet);
    await write(newTag(`${HOST}/image:another`), await aboutFirst({ another: "one" }), quiet);
  },
  run: async (client) => told(await write(newTag(`${HOST}/image:referrer`), await aboutFirst(), client)),
};

const tagging: Flow = {
  name: "a tag for an image that is there",
  strikes: ({ kind }) => kind === "PUT manifest",
  prepare: (quiet) => write(newTag(`${HOST}/image:first`), FIRST, quiet),
  run: async (client) => told(await tag(newTag(`${HOST}/image:other`), FIRST, client)),
};

const deleting: Flow = {
  name: "the deletion of a manifest",
  strikes: ({ kind }) => kind === "DELETE manifest",
  prepare: (quiet) => write(newTag(`${HOST}/image:first`), FIRST, quiet),
  run: async (client) => deleteManifest(newDigest(`${HOST}/image@${await FIRST.digest()}`), client),
};

/** A push that is gone on with by a second call, if the first one fails. */
const resuming: Flow = {
  name: "a push that can be gone on with, and is",
  recovers: true,
  strikes: ({ kind }, { family, name }) =>
    kind !== "ping" &&
    kind !== "token" &&
    (family !== "a status that stands" || /^4(0[134]|1[036])/.test(name)),
  run: async (client, sources, quiet) => {
    const resumable = { store: memoryPushStore(), key: "layer" };
    const push = (options: RemoteOptions): Promise<Descriptor> => {
      const layer = newLayer(sources.chunks(STREAMED));
      return writeLayer(newRepository(`${HOST}/image`), layer, { ...options, resumable, chunkSize: CHUNK });
    };
    try {
      return told(await push(client));
    } catch (failure) {
      if (!(failure instanceof VarveError)) throw failure;
      return told(await push(quiet));
    }
  },
};

const always = Number.POSITIVE_INFINITY;
const refused = faults.status(403, { code: "DENIED", afterBytes: 1 });

export const PUSH_FLOWS: readonly Flow[] = [
  pushing("streaming"),
  pushing("chunked", {
    strikes: ({ kind }) => kind.startsWith("PATCH") || kind.startsWith("PUT commit"),
    smallest: ["PATCH chunk of known 3"],
  }),
  pushing("monolithic", { strikes: ({ kind }) => kind === "PUT whole" }),
  pushingIndex,
  mounting,
  referring,
  tagging,
  deleting,
  resuming,
  pushingKnown(
    "a push of a layer that a proxy takes for too large",
    { kind: "PATCH known", nth: 1, times: always, effect: faults.cap(100_000) },
    {
      free: true,
      strikes: ({ kind, nth }) => nth === 2 || kind.startsWith("PATCH chunk") || kind.startsWith("DELETE"),
    },
  ),
  pushingStream(
    "chunked",
    "a push in chunks, one of which breaks off",
    {
      kind: "PATCH chunk of stream",
      nth: 2,
      times: 1,
      effect: faults.dropConnection({ afterBytes: 25_000 }),
    },
    {
      code: "ERR_VARVE_NETWORK",
      tells: /connection broke \(ECONNRESET\)/,
      strikes: ({ kind }) => kind === "GET upload",
    },
  ),
  pushingStream(
    "streaming",
    "a push whose commit loses its answer",
    { kind: "PUT commit of stream", nth: 1, times: 1, effect: faults.loseAnswer() },
    {
      manners: { "HEAD blob": "request" },
      code: "ERR_VARVE_NOT_FOUND",
      tells: /BLOB_UPLOAD_UNKNOWN/,
      strikes: ({ kind }) => kind === "HEAD blob",
    },
  ),
  pushingKnown(
    "a push that needs another token",
    { kind: "POST upload", nth: 1, times: 1, effect: faults.expireCredentials() },
    { free: true, strikes: ({ kind, nth }) => kind === "token" && nth === 2 },
  ),
  ...(["streaming", "chunked"] as const).map((upload) =>
    pushingStream(
      upload,
      `a push that is refused, ${upload}`,
      {
        kind: upload === "chunked" ? "PATCH chunk of stream" : "PATCH stream",
        nth: 1,
        times: always,
        effect: refused,
      },
      { refused: "ERR_VARVE_DENIED", strikes: ({ kind }) => kind === "DELETE upload" },
    ),
  ),
];
