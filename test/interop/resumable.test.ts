import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as remote from "../../src/remote/index.js";
import { newHash } from "../../src/v1/index.js";
import { BufferingProxy } from "../fixtures/buffering-proxy.js";
import { xorshift32 } from "../fixtures/bytes.js";
import { type Ended, PushProcess } from "../fixtures/killed-push.js";
import { PeerRegistry } from "./peer-registry.js";

const CHUNK = 256 * 1024;
const SEGMENT = 256 * 1024;
const LENGTH = 8_000_000;
const KILLS = 20;

let directory: string;
let registry: PeerRegistry;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "varve-resumable-"));
  registry = await PeerRegistry.start("docker-registry");
});

afterAll(async () => {
  await registry?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The digest of a push that nobody kills. */
async function uninterrupted(seed: number): Promise<unknown> {
  const push = new PushProcess(`${registry.host}/whole`, join(directory, "whole"), seed, LENGTH, 16 * CHUNK);
  const { printed, errors } = await push.go().ended;
  expect(errors).toBe("");
  return printed.at(-1)?.digest;
}

async function isThere(repository: string, digest: unknown): Promise<boolean> {
  const blob = await remote.layer(registry.repository(repository).digest(newHash(String(digest))));
  // Reading verifies the digest.
  for await (const piece of await blob.compressed()) void piece;
  return true;
}

describe("a resumable push into docker-registry", () => {
  it(`killed at ${KILLS} random points goes on above zero each time, sends again one chunk at most, and makes the same layer`, async () => {
    await using proxy = await BufferingProxy.start(registry.port);
    const random = xorshift32(20);
    const state = join(directory, "killed");
    const start = () => new PushProcess(`${proxy.host}/killed`, state, 7, LENGTH, CHUNK);
    // Each process loads while the one before it pushes.
    let next = start();
    onTestFinished(() => next.kill());
    const expected = await uninterrupted(7);

    let confirmed = 0;
    let reached = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // Somewhere within the first three chunks of this process, or at its first request.
      const at = random() % (3 * CHUNK);
      const [begin, previous] = [confirmed, reached];
      const before = proxy.seen.length;
      const push = next;
      let killed = false;
      proxy.watcher = {
        onReceived: (passing) => {
          if (passing.method !== "PATCH" || killed) return;
          const position = (passing.first ?? 0) + passing.received;
          if (position - begin > at) {
            killed = true;
            push.kill();
            reached = position;
            throw new Error("the client is gone");
          }
        },
        onAnswer: ({ method, first = 0, received: length }) => {
          if (method === "PATCH") confirmed = first + length;
        },
      };
      push.go();
      next = start();
      const ended = await push.ended;
      expect(ended).toMatchObject({ killed: true, errors: "" });
      if (begin > 0) {
        expect(statSync(state).mode & 0o777).toBe(0o600);
        expect(ended.printed[0]?.stored).toBe(begin);
        const first = proxy.seen.slice(before).find(({ method }) => method === "PATCH")?.first ?? 0;
        expect(first).toBe(begin);
        expect(previous - first).toBeLessThanOrEqual(CHUNK + SEGMENT);
      }
    }
    expect(confirmed).toBeGreaterThan(5 * CHUNK);

    proxy.watcher = {};
    const last: Ended = await next.go().ended;
    expect(last.errors).toBe("");
    expect(last.printed).toEqual([
      { stored: confirmed, inputOffset: expect.any(Number) },
      { digest: expected },
    ]);
    expect(await isThere("killed", expected)).toBe(true);
    expect(existsSync(state) || existsSync(`${state}.lock`)).toBe(false);
  });

  // This registry keeps an upload's offset in the Location of each answer, and gives the upload up when it is asked with an older one.
  it("killed before it heard the answer to a chunk that the registry has taken starts over, says so, and makes the same layer", async () => {
    await using proxy = await BufferingProxy.start(registry.port);
    const state = join(directory, "unheard");
    const push = new PushProcess(`${proxy.host}/unheard`, state, 8, 1_500_000, CHUNK);
    proxy.watcher = {
      onAnswer: ({ method, first }) => {
        if (method === "PATCH" && first === 2 * CHUNK) {
          push.kill();
          throw new Error("the client is gone");
        }
      },
    };
    expect(await push.go().ended).toMatchObject({ killed: true, errors: "" });
    proxy.watcher = {};
    const again = await new PushProcess(`${proxy.host}/unheard`, state, 8, 1_500_000, CHUNK).go().ended;
    expect(again.errors).toBe("");
    expect(again.printed).toEqual([
      { reason: "unknown-upload", acknowledged: 2 * CHUNK, stored: 0 },
      { digest: expect.any(String) },
    ]);
    expect(await isThere("unheard", again.printed[1]?.digest)).toBe(true);
  });
});
