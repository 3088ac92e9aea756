import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { noise, sha256 } from "./fixture/bytes.js";
import { type Command, start } from "./fixture/command.js";
import { useScratch } from "./fixture/scratch.js";

const IMAGE = "application/vnd.oci.image.manifest.v1+json";

/** A large blob that is still on its way, and small ones that come in the meantime. */
const LARGE = noise(3_000_000);

describe("varve serve --disk, when it is killed with SIGKILL in the middle of pushes", () => {
  const scratch = useScratch();

  async function serve(): Promise<{ command: Command; url: string }> {
    const command = start(["serve", "--address", "127.0.0.1:0", "--disk", scratch.file("store")]);
    return { command, url: await command.firstLine() };
  }

  async function kill(command: Command): Promise<void> {
    command.interrupt("SIGKILL");
    expect((await command.ended).signal).toBe("SIGKILL");
  }

  const pushBlob = (url: string, body: Uint8Array): Promise<Response> =>
    fetch(`${url}/v2/app/blobs/uploads/?digest=${sha256(body)}`, { method: "POST", body: body as BodyInit });

  const pushManifest = (url: string, tag: string, text: string): Promise<Response> =>
    fetch(`${url}/v2/app/manifests/${tag}`, {
      method: "PUT",
      headers: { "Content-Type": IMAGE },
      body: text,
    });

  /** Begins an upload whose body stops half-way; resolves when the registry holds all that was sent. */
  async function halfUpload(url: string): Promise<string> {
    const opened = await fetch(`${url}/v2/app/blobs/uploads/`, { method: "POST" });
    const path = opened.headers.get("Location") as string;
    const half = LARGE.slice(0, LARGE.length / 2);
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(half) });
    const init: RequestInit & { duplex: "half" } = {
      method: "PATCH",
      body: body as BodyInit,
      duplex: "half",
    };
    fetch(url + path, init).catch(() => undefined);
    await vi.waitFor(async () => {
      expect((await fetch(url + path)).headers.get("Range")).toBe(`0-${half.length - 1}`);
    }, 10_000);
    return path;
  }

  /** The files in a directory that are named by their digest, with what they should be. */
  function contents(directory: string): { name: string; digest: string }[] {
    return readdirSync(scratch.file("store"), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && join(entry.parentPath ?? entry.path).endsWith(join(directory, "sha256")),
      )
      .map((entry) => ({ entry, bytes: readFileSync(join(entry.parentPath ?? entry.path, entry.name)) }))
      .filter(({ entry, bytes }) => bytes.length > 0 || entry.name === sha256(bytes).slice(7))
      .map(({ entry, bytes }) => ({ name: `sha256:${entry.name}`, digest: sha256(bytes) }));
  }

  it("keeps whole what it answered, has no part of what it did not, and takes it the next time", async () => {
    const answered = new Map<string, Uint8Array>();
    const tags = new Map<string, string>();
    let number = 0;
    for (let round = 0; round < 2; round++) {
      const { command, url } = await serve();
      const path = await halfUpload(url);
      const pushes = Array.from({ length: 4 }, async () => {
        for (;;) {
          number += 1;
          const [body, tag] = [noise(20_000 + number), `t${number}`];
          const manifest = JSON.stringify({ schemaVersion: 2, annotations: { tag } });
          if ((await pushBlob(url, body)).status === 201) answered.set(sha256(body), body);
          if ((await pushManifest(url, tag, manifest)).status === 201) tags.set(tag, manifest);
        }
      });
      const pushing = Promise.allSettled(pushes);
      const enough = answered.size + 10;
      await vi.waitFor(() => expect(answered.size).toBeGreaterThan(enough), 20_000);
      await kill(command);
      await pushing;

      const again = await serve();
      for (const [digest, body] of answered) {
        const read = await fetch(`${again.url}/v2/app/blobs/${digest}`);
        expect(sha256(new Uint8Array(await read.arrayBuffer()))).toBe(sha256(body));
      }
      for (const [tag, manifest] of tags) {
        expect(await (await fetch(`${again.url}/v2/app/manifests/${tag}`)).text()).toBe(manifest);
      }
      const files = [...contents(join("store", "blobs")), ...contents("manifests")];
      expect(files.length).toBeGreaterThan(answered.size);
      expect(files.filter(({ name, digest }) => name !== digest)).toEqual([]);
      expect((await fetch(again.url + path)).headers.get("Range")).toBe(`0-${LARGE.length / 2 - 1}`);
      expect((await fetch(`${again.url}/v2/app/blobs/${sha256(LARGE)}`, { method: "HEAD" })).status).toBe(
        404,
      );
      if (round === 1) expect((await pushBlob(again.url, LARGE)).status).toBe(201);
      await kill(again.command);
    }
    const { command, url } = await serve();
    const read = await fetch(`${url}/v2/app/blobs/${sha256(LARGE)}`);
    expect(sha256(new Uint8Array(await read.arrayBuffer()))).toBe(sha256(LARGE));
    command.interrupt("SIGTERM");
    await command.ended;
  });
});
