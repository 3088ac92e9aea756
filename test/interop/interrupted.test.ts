import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeLayer } from "../../src/remote/index.js";
import { newLayer } from "../../src/stream/index.js";
import { randomBytes } from "../fixtures/bytes.js";
import { command, dockerRegistries, PeerRegistry } from "./peer-registry.js";
import { end } from "./processes.js";

describe.each(dockerRegistries)("a push into %s that does not come to its end", (kind) => {
  let registry: PeerRegistry;
  let authFile: string;
  beforeAll(async () => {
    registry = await PeerRegistry.start(kind);
    authFile = await registry.authFile();
  });
  afterAll(() => registry?.stop());

  function push(name: string, ...flags: readonly string[]) {
    const parameters = ["push-layer", "--authfile", authFile, ...flags, `${registry.host}/half/${name}`];
    return spawn(process.execPath, [command, ...parameters]);
  }

  /** The data of uploads that go on, in bytes. Its hash states the registry writes anew even when it has forgotten one. */
  async function uploadsOf(name: string): Promise<number[]> {
    const uploads = join(registry.storage, "docker/registry/v2/repositories/half", name, "_uploads");
    const files = await readdir(uploads, { recursive: true }).catch(() => []);
    const data = files.filter((file) => /^[^/]+\/data$/.test(file));
    return Promise.all(data.map(async (file) => (await stat(join(uploads, file))).size));
  }

  it.each([
    ["SIGINT", "streaming"],
    ["SIGTERM", "streaming"],
    ["SIGINT", "chunked"],
  ] as const)("leaves no upload behind after %s, when it is %s", async (signal, upload) => {
    const name = `${signal}-${upload}`.toLowerCase();
    const child = push(name, "--upload", upload);
    const ended = end(child);
    child.stdin.on("error", () => undefined);
    child.stdin.write(randomBytes(20_000_000, 1));
    while (!(await uploadsOf(name)).some((size) => size > 1_000_000)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 130 });
    expect(await uploadsOf(name)).toEqual([]);
  });

  it.each(["streaming", "chunked"] as const)(
    "leaves no upload behind when its source fails, when it is %s",
    async (upload) => {
      const fault = new Error("the disk is on fire");
      const failing = async function* (): AsyncGenerator<Uint8Array> {
        for (let i = 0; i < 12; i++) yield randomBytes(2 ** 20, i + 1);
        // What the registry has of the upload by now makes it matter how the upload is ended.
        while (!(await uploadsOf(`failed-${upload}`)).some((size) => size > 1_000_000)) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        throw fault;
      };
      const repository = registry.repository(`half/failed-${upload}`);
      const pushed = writeLayer(repository, newLayer(failing()), { ...registry.access, upload });
      await expect(pushed).rejects.toMatchObject({ cause: fault });
      expect(await uploadsOf(`failed-${upload}`)).toEqual([]);
    },
  );
});
