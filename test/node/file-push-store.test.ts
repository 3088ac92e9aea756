import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { newDigest } from "../../src/name/index.js";
import { filePushStore, serve, singleFilePushStore } from "../../src/node/index.js";
import { newRegistry } from "../../src/registry/index.js";
import { layer as pull } from "../../src/remote/index.js";
import { PushProcess } from "../fixtures/killed-push.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "varve-push-store-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const value = (...bytes: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
const HOST = hostname().replace(/[^A-Za-z0-9.]/g, "");

/** The number of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("a store of pushes in files", () => {
  it("keeps a value for its owner alone, replaces it as a whole, and removes it", async () => {
    const place = join(directory, "made", "for it");
    const store = filePushStore(place);
    const release = (await store.acquire("layer"))!;
    expect(await store.load("layer")).toBeUndefined();
    await store.save("layer", value(1, 2, 3));
    expect(statSync(join(place, "layer")).mode & 0o777).toBe(0o600);
    await store.save("layer", value(4));
    expect(await store.load("layer")).toEqual(value(4));
    expect(readdirSync(place).toSorted()).toEqual(["layer", "layer.lock"]);
    expect(statSync(join(place, "layer.lock")).mode & 0o777).toBe(0o600);
    await store.remove("layer");
    await store.remove("layer");
    await release();
    expect(readdirSync(place)).toEqual([]);
  });

  it("keeps keys apart, and within its directory", async () => {
    const place = join(directory, "keys");
    const store = filePushStore(place);
    const keys = ["a/b", "a:b", "..", ".", "../../etc/passwd", "ünï", "a%2Fb", "A b", "a b"];
    for (const [index, key] of keys.entries()) {
      const release = (await store.acquire(key))!;
      await store.save(key, value(index));
      await release();
    }
    for (const [index, key] of keys.entries()) expect(await store.load(key)).toEqual(value(index));
    expect(readdirSync(place)).toHaveLength(keys.length);
    for (const key of ["", "x".repeat(201)]) await expect(store.acquire(key)).rejects.toThrow(RangeError);
  });

  it("lets one push have a key at a time, whatever store object it has it of", async () => {
    const path = join(directory, "shared");
    const [one, other] = [singleFilePushStore(path), singleFilePushStore(path)];
    const release = (await one.acquire("x"))!;
    expect(await other.acquire("x")).toBeUndefined();
    expect(await one.acquire("x")).toBeUndefined();
    await release();
    await (await other.acquire("x"))!();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it.each([
    ["of a process that is dead", () => `${HOST}-${deadProcess()}-1-x`],
    ["of an earlier process with the same number", () => `${HOST}-${process.pid}-1-x`],
  ])("takes the lock %s away", async (_, token) => {
    const path = join(directory, "dead");
    writeFileSync(`${path}.lock`, token());
    const release = (await singleFilePushStore(path).acquire("x"))!;
    expect(release).toBeDefined();
    await release();
  });

  it("takes the lock of another host away when nobody has touched it for long, and not before", async () => {
    const path = join(directory, "elsewhere");
    const store = singleFilePushStore(path);
    writeFileSync(`${path}.lock`, "another.host-1-1-x");
    expect(await store.acquire("x")).toBeUndefined();
    const longAgo = new Date(Date.now() - 200_000);
    utimesSync(`${path}.lock`, longAgo, longAgo);
    expect(await store.acquire("x")).toBeDefined();
  });

  it("writes nothing for a push whose lock was taken away meanwhile, and leaves the other's lock alone", async () => {
    const path = join(directory, "stolen");
    const store = singleFilePushStore(path);
    const release = (await store.acquire("x"))!;
    await store.save("x", value(1));
    writeFileSync(`${path}.lock`, "another.host-1-1-x");
    await expect(store.save("x", value(2))).rejects.toThrow("no longer this process's");
    await expect(store.remove("x")).rejects.toThrow("no longer this process's");
    await release();
    expect(await store.load("x")).toEqual(value(1));
    expect(readFileSync(`${path}.lock`, "utf8")).toBe("another.host-1-1-x");
  });

  it("gives a key to one of many that ask at once, though a dead process has it", async () => {
    const path = join(directory, "race");
    writeFileSync(`${path}.lock`, `${HOST}-${deadProcess()}-1-x`);
    const stores = Array.from({ length: 20 }, () => singleFilePushStore(path));
    const releases = await Promise.all(stores.map((store) => store.acquire("x")));
    expect(releases.filter((release) => release !== undefined)).toHaveLength(1);
    await releases.find((release) => release !== undefined)?.();
    expect(readdirSync(directory).filter((name) => name.startsWith("race"))).toEqual([]);
  });
});

describe("a process that pushes and is killed", () => {
  it("leaves its push to the next one, which goes on from what the registry has", async () => {
    const registry = newRegistry();
    let push: PushProcess | undefined;
    let patches = 0;
    const listener = await serve(async (request) => {
      const answer = await registry.fetch(request);
      // The registry has the chunk, and the client does not hear of it.
      if (request.method === "PATCH" && ++patches === 5) {
        push?.kill();
        await push?.ended;
      }
      return answer;
    });
    onTestFinished(() => listener.close());
    const repository = `127.0.0.1:${new URL(listener.url).port}/app`;
    const state = join(directory, "killed");
    push = new PushProcess(repository, state, 3, 3_000_000, 150_000).go();
    expect(await push.ended).toMatchObject({ killed: true, errors: "" });
    expect(statSync(state).mode & 0o777).toBe(0o600);
    const sent = patches;
    push = undefined;
    const second = await new PushProcess(repository, state, 3, 3_000_000, 150_000).go().ended;
    expect(second.errors).toBe("");
    expect(second.printed[0]).toEqual({ stored: 5 * 150_000, inputOffset: expect.any(Number) });
    const whole = new PushProcess(`${repository}2`, `${state}2`, 3, 3_000_000, 150_000);
    const digest = (await whole.go().ended).printed.at(-1)?.digest;
    expect(second.printed[1]).toEqual({ digest });
    for await (const piece of await (await pull(newDigest(`${repository}@${digest}`))).compressed()) {
      void piece;
    }
    expect(patches).toBeGreaterThan(sent);
    expect(readdirSync(directory).filter((name) => name.startsWith("killed"))).toEqual([]);
  });
});
