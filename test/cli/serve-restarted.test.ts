import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newRepository } from "../../src/name/index.js";
import { memoryPushStore, type RetryBackoff, writeLayer } from "../../src/remote/index.js";
import { newLayer } from "../../src/stream/index.js";
import { xorshift32 } from "../fixtures/bytes.js";
import { noise, sha256 } from "./fixture/bytes.js";
import { type Command, start } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

const CHUNK = 128 * 1024;
const content = noise(1_500_000);
const kills = 5;

describe("varve serve --disk, killed with SIGKILL in the middle of a push in chunks and started anew", () => {
  const scratch = useScratch();
  const random = xorshift32(9);
  let port = 0;
  let command: Command;
  let url: string;

  beforeEach(() => {
    port = 0;
  });
  afterEach(async () => {
    command.interrupt("SIGKILL");
    await command.ended;
  });

  async function serve(): Promise<void> {
    command = start(["serve", "--address", `127.0.0.1:${port}`, "--disk", scratch.file("store")]);
    url = await command.firstLine();
    port = Number(new URL(url).port);
  }

  async function restart(): Promise<void> {
    command.interrupt("SIGKILL");
    expect((await command.ended).signal).toBe("SIGKILL");
    await serve();
  }

  /** A chunk that stops at a random byte until the registry has been killed, and breaks then. */
  async function breakOff(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
    const chunk = init.body as Uint8Array;
    const at = random() % chunk.length;
    let stop: (() => void) | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(chunk.slice(0, at));
        stop = () => controller.error(new Error("the registry was killed"));
      },
    });
    const broken = fetch(input, { ...init, body: body as BodyInit, duplex: "half" } as RequestInit);
    broken.catch(() => undefined);
    // Of the bytes that were sent the registry has any number: all, if it is given the time.
    if (random() % 2 === 0) {
      const first = Number(new Headers(init.headers).get("content-range")?.split("-")[0]);
      await vi.waitFor(async () => expect(await heldAt(input)).toBe(first + at), 10_000);
    }
    await restart();
    stop?.();
    return broken;
  }

  /** Bytes that the registry says it holds of an upload. */
  async function heldAt(input: RequestInfo | URL): Promise<number> {
    const range = (await fetch(input)).headers.get("Range") as string;
    return range === "0-0" ? 0 : Number(range.slice(2)) + 1;
  }

  /** A `fetch` that has the registry killed during every second chunk, for some times. */
  function killing(): { readonly fetch: typeof fetch; readonly killed: () => number } {
    let [chunks, killed] = [0, 0];
    return {
      killed: () => killed,
      fetch: async (input, init) => {
        if (init?.method !== "PATCH" || killed === kills || ++chunks % 2 !== 0) return fetch(input, init);
        killed += 1;
        return breakOff(input, init);
      },
    };
  }

  async function expectWhole(digest: unknown): Promise<void> {
    const uninterrupted = await new Response(await layer().compressed()).arrayBuffer();
    expect(String(digest)).toBe(sha256(new Uint8Array(uninterrupted)));
    const read = await fetch(`${url}/v2/app/blobs/${digest}`);
    expect(sha256(gunzipSync(await read.arrayBuffer()))).toBe(sha256(content));
    const blobs = scratch.file("store/blobs/sha256");
    for (const name of readdirSync(blobs)) {
      expect(sha256(readFileSync(`${blobs}/${name}`))).toBe(`sha256:${name}`);
    }
    expect(readdirSync(blobs)).toHaveLength(1);
    expect(readdirSync(scratch.file("store/uploads"))).toEqual([]);
  }

  const layer = () => newLayer([content.subarray(0, 700_000), content.subarray(700_000)]);
  const retryBackoff: RetryBackoff = { delay: 1, factor: 1 };

  it("has the same call of the client go on, and ends with the blob and nothing else", async () => {
    await serve();
    const { fetch, killed } = killing();
    const repository = newRepository(`127.0.0.1:${port}/app`);
    const options = { upload: "chunked", chunkSize: CHUNK, retryBackoff, fetch } as const;
    const { digest } = await writeLayer(repository, layer(), options);
    expect(killed()).toBe(kills);
    await expectWhole(digest);
    command.interrupt("SIGTERM");
    expect((await command.ended).code).toBe(0);
  });

  it("has a resumable push that failed go on when it is called again, above zero each time", async () => {
    await serve();
    const { fetch, killed } = killing();
    const repository = newRepository(`127.0.0.1:${port}/app`);
    const stored: number[] = [];
    const onRestart = vi.fn();
    const resumable = {
      store: memoryPushStore(),
      key: "layer",
      onResume: (event: { readonly stored: number }) => stored.push(event.stored),
      onRestart,
    };
    const options = { chunkSize: CHUNK, retryBackoff: { attempts: 1 }, fetch, resumable };
    const push = () => writeLayer(repository, layer(), options);
    for (let kill = 0; kill < kills; kill++) await expect(push()).rejects.toThrow();
    const { digest } = await push();
    expect([killed(), stored.length]).toEqual([kills, kills]);
    expect(onRestart).not.toHaveBeenCalled();
    expect(Math.min(...stored)).toBeGreaterThan(0);
    expect(stored).toEqual(stored.toSorted((one, other) => one - other));
    await expectWhole(digest);
    command.interrupt("SIGTERM");
    expect((await command.ended).code).toBe(0);
  });
});
