import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putImage } from "./image.js";
import { Daemon, freePort, run } from "./processes.js";

const root = resolve(import.meta.dirname, "../..");
const command = join(root, "dist/varve.js");

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

const registries = ["docker-registry", "varve serve"] as const;

describe.each(registries)("a layer pushed by the command into %s", (kind) => {
  let directory: string;
  let host: string;
  let daemon: Daemon;
  let pushed: Pushed;
  let layerTar: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "varve-interop-"));
    layerTar = join(directory, "layer.tar");
    await writeTar(layerTar);
    host = `127.0.0.1:${await freePort()}`;
    const storage = join(directory, "storage");
    await mkdir(storage);
    if (kind === "docker-registry") {
      const configuration = join(directory, "registry.yml");
      await writeFile(
        configuration,
        `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${storage}}}\nhttp: {addr: ${host}}\n`,
      );
      daemon = new Daemon("docker-registry", ["serve", configuration]);
    } else {
      daemon = new Daemon(process.execPath, [command, "serve", "--address", host, "--disk", storage]);
    }
    await daemon.answers(`http://${host}/v2/`);
    pushed = JSON.parse(
      await run(process.execPath, [
        command,
        "push-layer",
        `${host}/interop/layer`,
        layerTar,
        "--media-type",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "--json",
      ]),
    );
  });

  afterAll(async () => {
    await daemon?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("comes back over HTTP with the digest and size that were announced, by sha256sum", async () => {
    const blob = join(directory, "blob.tar.gz");
    const answer = await fetch(`http://${host}/v2/interop/layer/blobs/${pushed.digest}`);
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
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, [command, "push-layer", `${host}/interop/piped`, "-"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.end(await readFile(layerTar));
    let line = "";
    child.stdout.on("data", (data) => {
      line += data;
    });
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    expect(line).toBe(`${host}/interop/piped@${pushed.digest}\n`);
  });

  it("becomes an image that skopeo copies into a layout and umoci unpacks, every file equal", async () => {
    await putImage(
      `http://${host}/v2/interop/layer`,
      "latest",
      { mediaType: pushed.mediaType, digest: pushed.digest, size: pushed.size },
      pushed.diffID,
    );
    const layout = join(directory, "layout");
    await run("skopeo", [
      "copy",
      "--insecure-policy",
      "--src-tls-verify=false",
      `docker://${host}/interop/layer:latest`,
      `oci:${layout}:latest`,
    ]);
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
    await run("skopeo", [
      "copy",
      "--insecure-policy",
      "--dest-tls-verify=false",
      `oci:${join(directory, "layout")}:latest`,
      `docker://${host}/interop/again:latest`,
    ]);
    const manifest = await fetch(`http://${host}/v2/interop/again/manifests/latest`, {
      headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    const { layers } = (await manifest.json()) as { layers: { digest: string }[] };
    expect(layers.map((layer) => layer.digest)).toEqual([pushed.digest]);
  });

  it("leaves no upload session behind", async () => {
    if (kind === "docker-registry") {
      const uploads = join(directory, "storage/docker/registry/v2/repositories/interop/layer/_uploads");
      expect(await readdir(uploads)).toEqual([]);
    } else {
      const names = await readdir(join(directory, "storage"), { recursive: true });
      expect(names.filter((name) => name.includes("upload") && !/uploads?$/.test(name))).toEqual([]);
    }
  });
});
