import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { patienceWith, runFenced } from "../../src/node/fenced-lock.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "varve-test-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const counter = (): string => join(root, "counter");

/** Adds one to the file, by way of the workspace. */
async function increment(workspace: string): Promise<number> {
  const next = Number(await readFile(counter(), "utf8")) + 1;
  await writeFile(join(workspace, "next"), String(next));
  await rename(join(workspace, "next"), counter());
  return next;
}

/** In one step, as holders do: an empty lock can be taken while it is being removed. */
async function letGo(): Promise<void> {
  await rename(join(root, ".varve-lock"), join(root, "let-go"));
  await rm(join(root, "let-go"), { recursive: true });
}

/** Puts a lock in place as another process would have. */
async function lockAs(token: string): Promise<void> {
  await mkdir(join(root, ".varve-lock", token), { recursive: true });
}

const host = hostname()
  .replace(/[^A-Za-z0-9.]/g, "")
  .slice(0, 64);

/** The number of a process that has ended. */
const deadProcess = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

/** Where this process's number means what it does, as tokens say it. */
async function place(): Promise<string> {
  const token = await runFenced(root, async (workspace) => basename(workspace));
  return token.split("-")[2]!;
}

describe("runFenced", () => {
  it("runs one task at a time, gives its value, and leaves nothing behind", async () => {
    await writeFile(counter(), "0");
    const seen = await Promise.all(Array.from({ length: 20 }, () => runFenced(root, increment)));
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(await readdir(root)).toEqual(["counter"]);
  });

  it("passes on what the task throws, and frees the lock", async () => {
    const error = new Error("no");
    await expect(runFenced(root, () => Promise.reject(error))).rejects.toBe(error);
    expect(await readdir(root)).toEqual([]);
    expect(await runFenced(root, async () => 1)).toBe(1);
  });

  it("breaks the lock of a process that is dead", async () => {
    await writeFile(counter(), "0");
    await lockAs(`${host}-${deadProcess()}-${await place()}-x`);
    expect(await runFenced(root, increment)).toBe(1);
    expect(await readdir(root)).toEqual(["counter"]);
  });

  it("takes an empty lock, which nobody holds", async () => {
    await mkdir(join(root, ".varve-lock"));
    expect(await runFenced(root, async () => 1)).toBe(1);
    expect(await readdir(root)).toEqual([]);
  });

  it("waits for a holder that lives, here or elsewhere, until it is told not to", async () => {
    const holders = [
      `${host}-${process.ppid}-${await place()}-x`,
      // A process of another container, whose number means nothing here.
      `${host}-${deadProcess()}-1.0-x`,
      "elsewhere-1-1.0-x",
      "nonsense",
    ];
    for (const holder of holders) {
      await lockAs(holder);
      const waiting = new AbortController();
      let ran = false;
      const task = runFenced(
        root,
        async () => {
          ran = true;
        },
        waiting.signal,
      );
      const outcome = expect(task).rejects.toBe("enough");
      await new Promise((resolve) => setTimeout(resolve, 60));
      waiting.abort("enough");
      await outcome;
      expect(ran).toBe(false);
      expect(await readdir(root)).toEqual([".varve-lock"]);
      await rm(join(root, ".varve-lock"), { recursive: true });
    }
  });

  it("goes on when the holder lets go", async () => {
    await lockAs("elsewhere-1-x");
    const task = runFenced(root, async () => 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await letGo();
    expect(await task).toBe(1);
  });

  it("lets a holder that was taken for dead begin anew, and loses nothing", async () => {
    await writeFile(counter(), "0");
    let runs = 0;
    const value = await runFenced(root, async (workspace) => {
      runs++;
      const next = Number(await readFile(counter(), "utf8")) + 1;
      if (runs === 1) {
        // Another breaks the lock, and counts.
        await rename(join(root, ".varve-lock"), join(root, "broken"));
        await rm(join(root, "broken"), { recursive: true });
        await lockAs("elsewhere-1-x");
        await increment(join(root, ".varve-lock", "elsewhere-1-x"));
        setTimeout(letGo, 20);
      }
      await writeFile(join(workspace, "next"), String(next));
      await rename(join(workspace, "next"), counter());
      return next;
    });
    expect({ runs, value, counter: await readFile(counter(), "utf8") }).toEqual({
      runs: 2,
      value: 2,
      counter: "2",
    });
    expect(await readdir(root)).toEqual(["counter"]);
  });

  it("is twice as patient each time its own lock was broken, but never with the dead", async () => {
    const here = await place();
    for (const holder of [`${host}-${process.pid}-${here}-x`, `${host}-1-1.0-x`, "elsewhere-1-1.0-x"]) {
      const first = patienceWith(holder, 0);
      expect(first).toBeGreaterThan(1000);
      expect([1, 2, 3].map((times) => patienceWith(holder, times) / first)).toEqual([2, 4, 8]);
    }
    expect(patienceWith(`${host}-${deadProcess()}-${here}-x`, 3)).toBe(0);
  });

  it("fails where there is no directory", async () => {
    await expect(runFenced(join(root, "absent"), async () => 1)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
