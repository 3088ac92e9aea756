import { existsSync, statSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { type Listener, serve } from "../../src/node/index.js";
import { newRegistry } from "../../src/registry/index.js";
import { noise } from "./fixture/bytes.js";
import { type Command, run, start } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

const CHUNK = 8 * 1024 * 1024;
const TAR = noise(CHUNK + 1_000_000);

describe("varve push-layer --resumable", () => {
  const scratch = useScratch();
  let listener: Listener | undefined;
  afterEach(() => listener?.close());

  /** A registry that ends the command when its second chunk comes. */
  async function registryThatEnds(
    command: () => Command,
    signal: NodeJS.Signals,
  ): Promise<{ host: string; ranges: (string | null)[] }> {
    const registry = newRegistry();
    const ranges: (string | null)[] = [];
    listener = await serve(async (request) => {
      if (request.method === "PATCH") ranges.push(request.headers.get("content-range"));
      if (request.method === "PATCH" && ranges.length === 2) {
        command().interrupt(signal);
        await command().ended;
      }
      return registry.fetch(request);
    });
    return { host: new URL(listener.url).host, ranges };
  }

  it.each(["SIGKILL", "SIGINT"] as const)(
    "goes on after %s, with the digest of a push that was not ended",
    async (signal) => {
      let command: Command | undefined;
      const { host, ranges } = await registryThatEnds(() => command!, signal);
      const [file, state] = [scratch.file("in.tar"), scratch.file("state")];
      writeFileSync(file, TAR);
      const parameters = ["push-layer", `${host}/app`, file, "--resumable", state];
      command = start(parameters);
      const ending = await command.ended;
      if (signal === "SIGINT") {
        expect(ending.code).toBe(130);
        expect(ending.stderr).toContain("the same command goes on with it");
      }
      expect(statSync(state).mode & 0o777).toBe(0o600);
      const second = await run(parameters);
      expect(second.code).toBe(0);
      // The chunk in which the command was ended may have reached the registry as a whole.
      const [, stored] = /^going on: the registry has (\d+) bytes of the layer\n$/.exec(second.stderr) ?? [];
      expect(Number(stored)).toBeGreaterThanOrEqual(CHUNK);
      expect(ranges.slice(2).every((range) => range?.startsWith(`${stored}-`))).toBe(true);
      const other = await run(["push-layer", `${host}/other`, file]);
      expect(second.stdout.split("@")[1]).toBe(other.stdout.split("@")[1]);
      expect(existsSync(state) || existsSync(`${state}.lock`)).toBe(false);
    },
  );

  it("says what is in the way, and leaves a file alone that is not its own", async () => {
    const state = scratch.file("notes");
    writeFileSync(state, "some notes");
    const ending = await run(["push-layer", "127.0.0.1:9/app", "--resumable", state], TAR.subarray(0, 9));
    expect(ending.code).not.toBe(0);
    const native = ["push-layer", "127.0.0.1:9/app", "--resumable", state, "--sha256", "native"];
    expect(await run(native, TAR.subarray(0, 9))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("leave sha256 out"),
    });
    expect(statSync(state).size).toBe(10);
  });
});
