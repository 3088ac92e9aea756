import { describe, expect, it } from "vitest";
import { readableFrom } from "../../../src/bytes/index.js";
import { newRepository } from "../../../src/name/index.js";
import { type UploadMode, writeLayer } from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import type { Layer } from "../../../src/v1/index.js";
import { randomBytes } from "../../fixtures/bytes.js";
import { KnownLayer } from "../fixture/layers.js";
import { HOST } from "./harness/bench.js";
import { CALAMITIES } from "./harness/calamities.js";
import type { Flow, Sources } from "./harness/flow.js";
import { attempt } from "./harness/trial.js";

const CONTENT: Uint8Array = randomBytes(200_000, 1);

async function* failing(sources: Sources, after: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = after;
  for await (const chunk of sources.chunks(CONTENT)) {
    if (left-- === 0) throw new Error("the disk is gone");
    yield chunk;
  }
  throw new Error("the disk is gone");
}

class FailingLayer extends KnownLayer {
  readonly #open: () => ReadableStream<Uint8Array>;

  constructor(sources: Sources, after: number) {
    super(CONTENT);
    this.#open = () => readableFrom(failing(sources, after));
  }

  override async compressed(): Promise<ReadableStream<Uint8Array>> {
    return this.#open();
  }
}

function pushing(upload: UploadMode, layerOf: (sources: Sources) => Layer): Flow {
  return {
    name: "a push of a layer that fails",
    run: async (client, sources) =>
      writeLayer(newRepository(`${HOST}/image`), layerOf(sources), { ...client, upload, chunkSize: 81_920 }),
  };
}

const WAYS = [
  { upload: "streaming", what: "a stream" },
  { upload: "chunked", what: "a stream" },
  { upload: "streaming", what: "a known layer" },
  { upload: "chunked", what: "a known layer" },
  { upload: "monolithic", what: "a known layer" },
] as const;

const CLEAN_UPS = CALAMITIES.filter(({ name }) =>
  [
    "503 without a code",
    "404 UNSUPPORTED",
    "307 without Location",
    "401 with a challenge",
    "the connection breaks before the request",
    "the answer is lost",
    "no answer, and the request is lost",
    "no answer, by a fetch that heeds no signal",
  ].includes(name),
);

describe.each(WAYS)("$what that fails while it is sent, $upload", ({ upload, what }) => {
  const flowOf = (after: number): Flow =>
    pushing(upload, (sources) =>
      what === "a stream"
        ? newLayer(failing(sources, after), { compression: "none" })
        : new FailingLayer(sources, after),
    );

  it.each([0, 1, 4, 7])("fails with its own failure after %i chunks, and leaves nothing", async (after) => {
    const { failure, openUploads, left, contents, steps } = await attempt(flowOf(after));
    expect(failure).toMatchObject({
      code: expect.stringMatching(/^ERR_VARVE_(LAYER_READ|STREAM_FAILED|SOURCE)$/),
    });
    expect(String(failure)).toContain("the disk is gone");
    expect({ openUploads, left, contents }).toEqual({ openUploads: 0, left: [], contents: [] });
    expect(steps.filter(({ kind }) => kind === "DELETE upload")).toHaveLength(1);
  });

  it.each(CLEAN_UPS)("is not masked by what goes wrong with the clean-up: $name", async (calamity) => {
    const cell = { step: { kind: "DELETE upload", nth: 1 } as const, calamity, always: true };
    const { failure, left, steps } = await attempt(flowOf(4), cell);
    expect(String(failure)).toContain("the disk is gone");
    expect(left).toEqual([]);
    expect(steps.map(({ kind }) => kind)).toContain("DELETE upload");
  });
});
