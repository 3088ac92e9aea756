import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putImage } from "./image.js";
import { command, dockerRegistries, kinds, PeerRegistry, skopeoCopy } from "./peer-registry.js";
import { end, run } from "./processes.js";

/** What `varve push-layer --json` prints. */
interface Pushed {
  readonly repository: string;
  readonly mediaType: string;
  readonly digest: string;
  readonly diffID: string;
  readonly size: number;
  readonly uncompressedSize: number;
}

/** Files that go into the layer: text, binary, empty and incompressible, more than one segment together. */
function files(): Map<string, Buffer> {
  const random = Buffer.alloc(600_000);
  let state = 0x9e3779b9;
  for (let i = 0; i < random.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    random[i] = state;
  }
  return new Map([
    ["etc/empty", Buffer.alloc(0)],
    ["etc/hosts", Buffer.from("127.0.0.1 localhost\n")],
    ["usr/share/words", Buffer.from("the stream lays down a layer each season\n".repeat(20_000))],
    ["usr/bin/random", random],
    ["var/zeros", Buffer.alloc(300_000)],
  ]);
}

async function writeTar(path: string): Promise<void> {
  const pack = tar.pack();
  const written = pipeline(pack, createWriteStream(path));
  for (const [name, content] of files()) pack.entry({ name, mtime: new Date(0) }, content);
  pack.finalize();
  await written;
}

async function sha256OfFile(path: string): Promise<string> {
  return `sha256:${(await run("sha256sum", [path])).slice(0, 64)}`;
}

describe.each(kinds)("a layer pushed by the command into %s", (kind) => {
  let directory: string;
  let registry: PeerRegistry;
  let pushed: Pushed;
  let layerTar: string;
  let push: readonly string[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "varve-interop-"));
    layerTar = join(directory, "layer.tar");
    await writeTar(layerTar);
    registry = await PeerRegistry.start(kind);
    push = [command, "push-layer", "--authfile", await registry.authFile()];
    pushed = JSON.parse(
      await run(process.execPath, [
        ...push,
        `${registry.host}/interop/layer`,
        layerTar,
        "--media-type",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "--json",
      ]),
    );
  });

  afterAll(async () => {
    await registry?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("comes back over HTTP with the digest and size that were announced, by sha256sum", async () => {
    const blob = join(directory, "blob.tar.gz");
    const answer = await registry.fetch(`/v2/interop/layer/blobs/${pushed.digest}`);
    expect(answer.status).toBe(200);
    await writeFile(blob, Readable.fromWeb(answer.body as import("node:stream/web").ReadableStream));
    expect(await sha256OfFile(blob)).toBe(pushed.digest);
    expect((await stat(blob)).size).toBe(pushed.size);
  });

  it("inflates with gzip to the tar that went in, whose sha256sum is the diffID", async () => {
    await run("gzip", ["-dkf", join(directory, "blob.tar.gz")]);
    const inflated = join(directory, "blob.tar");
    expect(await sha256OfFile(inflated)).toBe(pushed.diffID);
    expect(await sha256OfFile(layerTar)).toBe(pushed.diffID);
    expect((await stat(inflated)).size).toBe(pushed.uncompressedSize);
  });

  it("is the same layer when it comes through a pipe", async () => {
    const child = spawn(process.execPath, [...push, `${registry.host}/interop/piped`, "-"]);
    child.stdin.end(await readFile(layerTar));
    const { code, stdout } = await end(child);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${registry.host}/interop/piped@${pushed.digest}\n`,
    });
  });

  it("is the same layer when it is sent in chunks", async () => {
    const chunked = ["--upload", "chunked", "--chunk-size", "100KiB"];
    const line = await run(process.execPath, [
      ...push,
      ...chunked,
      `${registry.host}/interop/chunked`,
      layerTar,
    ]);
    expect(line).toBe(`${registry.host}/interop/chunked@${pushed.digest}\n`);
  });

  it("becomes an image that skopeo copies into a layout and umoci unpacks, every file equal", async () => {
    await putImage(
      registry,
      "interop/layer",
      "latest",
      { mediaType: pushed.mediaType, digest: pushed.digest, size: pushed.size },
      pushed.diffID,
    );
    const layout = join(directory, "layout");
    await skopeoCopy([registry], `docker://${registry.host}/interop/layer:latest`, `oci:${layout}:latest`);
    const bundle = join(directory, "bundle");
    await run("umoci", ["unpack", "--rootless", "--image", `${layout}:latest`, bundle]);
    for (const [name, content] of files()) {
      const unpacked = await readFile(join(bundle, "rootfs", name));
      expect(createHash("sha256").update(unpacked).digest("hex"), name).toBe(
        createHash("sha256").update(content).digest("hex"),
      );
    }
  });

  it("goes back in with skopeo under another name", async () => {
    const again = `docker://${registry.host}/interop/again:latest`;
    await skopeoCopy([registry], `oci:${join(directory, "layout")}:latest`, again);
    const manifest = await registry.fetch("/v2/interop/again/manifests/latest", {
      headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    const { layers } = (await manifest.json()) as { layers: { digest: string }[] };
    expect(layers.map((layer) => layer.digest)).toEqual([pushed.digest]);
  });

  it("leaves no upload session behind", async () => {
    if (dockerRegistries.includes(kind)) {
      for (const name of ["layer", "piped", "chunked"]) {
        const repository = join(registry.storage, "docker/registry/v2/repositories/interop", name);
        expect(await readdir(join(repository, "_uploads"))).toEqual([]);
      }
    } else {
      expect(await readdir(join(registry.storage, "uploads"))).toEqual([]);
    }
  });
});

describe.each(kinds.filter((kind) => kind.includes(" with ")))("the command, to %s", (kind) => {
  let registry: PeerRegistry;
  beforeAll(async () => {
    registry = await PeerRegistry.start(kind);
  });
  afterAll(() => registry?.stop());

  it.each([
    ["a wrong password", "s3cret", "the registry does not accept these credentials"],
    ["no password", "", "the registry wants credentials, and none were given"],
  ])(
    "with %s ends with exit code 3, says why in one line, and shows no password",
    async (_, password, why) => {
      const authFile = await registry.authFile(password);
      const repository = `${registry.host}/interop/secret`;
      const child = spawn(process.execPath, [command, "push-layer", "--authfile", authFile, repository]);
      child.stdin.end("content");
      const { code, stdout, stderr } = await end(child);
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toMatch(/^varve: .*UNAUTHORIZED.*\n$/i);
      expect(stderr).toContain(registry.host);
      expect(stderr).toContain(why);
      expect(stderr).not.toContain("s3cret");
    },
  );
});
