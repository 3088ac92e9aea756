import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAll, readableFrom } from "../../src/bytes/index.js";
import * as empty from "../../src/empty/index.js";
import * as match from "../../src/match/index.js";
import * as mutate from "../../src/mutate/index.js";
import { layout as layouts } from "../../src/node/index.js";
import { exists } from "../../src/partial/index.js";
import { readTar } from "../../src/tar/index.js";
import { type Image, ociConfigJSON, ociManifestSchema1, ociUncompressedLayer } from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { mixed } from "../fixtures/bytes.js";
import { ociImage, streaming, tarOf } from "../fixtures/oci-image.js";
import { run } from "./processes.js";

const REF = "org.opencontainers.image.ref.name";

/** What the image has when it is unpacked: the second layer has another etc/hosts. */
const lower = { "etc/hosts": "127.0.0.1 below\n", "usr/bin/tool": mixed(900_000, 1), "var/empty": "" };
const upper = {
  "etc/hosts": "127.0.0.1 above\n",
  "usr/share/words": "the stream lays down a layer\n".repeat(20_000),
};
const rootfs: Readonly<Record<string, string | Uint8Array>> = { ...lower, ...upper };

async function streamedImage(): Promise<Image> {
  return ociImage(
    [
      streaming(await tarOf(lower)),
      streaming(await tarOf(upper), { compression: "none", mediaType: ociUncompressedLayer }),
    ],
    { config: { config: { cmd: ["/usr/bin/tool"], env: ["A=b"] } } },
  );
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** The hashes of all files below a directory, by their paths. */
async function hashesBelow(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [relative(root, path), sha256(await readFile(path))])),
  );
}

const expected = Object.fromEntries(Object.entries(rootfs).map(([name, content]) => [name, sha256(content)]));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "varve-interop-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("a layout that is written here", () => {
  let path: string;
  let image: Image;
  beforeAll(async () => {
    path = join(directory, "ours");
    const layout = await layouts.write(path, empty.index);
    image = await streamedImage();
    await layout.appendImage(image, { annotations: { [REF]: "latest" } });
  });

  it("is unpacked by umoci, every file equal", async () => {
    const bundle = join(directory, "bundle");
    await run("umoci", ["unpack", "--rootless", "--image", `${path}:latest`, bundle]);
    expect(await hashesBelow(join(bundle, "rootfs"))).toEqual(expected);
  });

  it("is inspected by skopeo, which sees the same digests", async () => {
    const inspected = JSON.parse(await run("skopeo", ["inspect", `oci:${path}:latest`]));
    const { layers } = await image.manifest();
    expect(inspected).toMatchObject({
      Digest: String(await image.digest()),
      Layers: layers!.map(({ digest }) => String(digest)),
      Architecture: "amd64",
      Env: ["A=b"],
    });
    expect(await run("skopeo", ["inspect", "--raw", `oci:${path}:latest`])).toBe(
      new TextDecoder().decode(await image.rawManifest()),
    );
  });

  it("is copied by skopeo, and the copy is read here, the same to the last byte", async () => {
    const copy = join(directory, "copy");
    await run("skopeo", [
      "--insecure-policy",
      "copy",
      "--preserve-digests",
      `oci:${path}:latest`,
      `oci:${copy}:latest`,
    ]);
    const back = await (await layouts.fromPath(copy)).image();
    await validate.image(back, { uncompressed: true });
    expect(await back.digest()).toEqual(await image.digest());
    expect(await back.configName()).toEqual(await image.configName());
  });

  it("has no garbage by umoci's account, and the same garbage as by its account", async () => {
    const layout = await layouts.fromPath(path);
    const blobs = () => readdir(join(path, "blobs/sha256"));
    const needed = await blobs();
    await run("umoci", ["gc", "--layout", path]);
    expect(await blobs()).toEqual(needed);
    await layout.writeImage(ociImage([streaming(await tarOf({ lost: "lost" }))]));
    const garbage = (await layout.garbageCollect()).map(({ hex }) => hex).sort();
    const before = await blobs();
    await run("umoci", ["gc", "--layout", path]);
    const after = new Set(await blobs());
    expect(before.filter((name) => !after.has(name)).sort()).toEqual(garbage);
    expect(garbage).toHaveLength(3);
  });

  it("is extended by umoci, and then goes on here", async () => {
    const file = join(directory, "inserted");
    await writeFile(file, "inserted by another\n");
    await run("umoci", [
      "insert",
      "--rootless",
      "--image",
      `${path}:latest`,
      "--tag",
      "more",
      file,
      "/inserted",
    ]);
    const layout = await layouts.fromPath(path);
    const index = await layout.imageIndex();
    await validate.index(index);
    const [listed] = ((await index.indexManifest()).manifests ?? []).filter(match.name("more"));
    const more = await layout.image(listed!.digest);
    expect((await more.layers()).length).toBe(3);
    await layout.replaceImage(await streamedImage(), match.name("latest"), {
      annotations: { [REF]: "again" },
    });
    expect((await run("umoci", ["list", "--layout", path])).trim().split("\n").sort()).toEqual([
      "again",
      "more",
    ]);
  });
});

describe("a layout that umoci wrote", () => {
  it("is read, validated and written to", async () => {
    const path = join(directory, "umoci");
    await run("umoci", ["init", "--layout", path]);
    await run("umoci", ["new", "--image", `${path}:first`]);
    const file = join(directory, "words");
    await writeFile(file, rootfs["usr/share/words"] as string);
    await run("umoci", ["insert", "--rootless", "--image", `${path}:first`, file, "/usr/words"]);

    const layout = await layouts.fromPath(path);
    const image = await layout.image();
    await validate.image(image, { uncompressed: true });
    await validate.index(await layout.imageIndex());
    expect(await exists((await image.layers())[0]!)).toBe(true);
    expect(String(await image.digest())).toBe(
      JSON.parse(await run("skopeo", ["inspect", `oci:${path}:first`])).Digest,
    );
    expect(await layout.garbageCollect()).toHaveLength(
      // What umoci left of the image that it replaced.
      (await readdir(join(path, "blobs/sha256"))).length - 3,
    );

    await layout.appendImage(await streamedImage(), { annotations: { [REF]: "second" } });
    const bundle = join(directory, "bundle-second");
    await run("umoci", ["unpack", "--rootless", "--image", `${path}:second`, bundle]);
    expect(await hashesBelow(join(bundle, "rootfs"))).toEqual(expected);
    expect((await run("umoci", ["list", "--layout", path])).trim().split("\n").sort()).toEqual([
      "first",
      "second",
    ]);
  });
});

describe("the README's six lines", () => {
  it("put a layer of stdin on an image of umoci's, which unpacks it", async () => {
    const images = join(directory, "images");
    await run("umoci", ["init", "--layout", images]);
    await run("umoci", ["new", "--image", `${images}:base`]);
    const root = resolve(import.meta.dirname, "../..");
    await mkdir(join(directory, "node_modules"));
    await symlink(root, join(directory, "node_modules/varve"));
    const program = join(directory, "six-lines.mjs");
    await copyFile(join(root, "examples/six-lines.mjs"), program);
    const lines = spawn(process.execPath, [program], {
      cwd: directory,
      stdio: ["pipe", "ignore", "inherit"],
    });
    const ended = once(lines, "exit");
    lines.stdin.end(await tarOf(rootfs));
    expect(await ended).toEqual([0, null]);
    const bundle = join(directory, "bundle-six-lines");
    await run("umoci", ["unpack", "--rootless", "--image", `${images}:app`, bundle]);
    expect(await hashesBelow(join(bundle, "rootfs"))).toEqual(expected);
  });
});

describe("an image that is appended from a stream over a base", () => {
  it("validates, and is unpacked by umoci to the tree that mutate.extract gives", async () => {
    const path = join(directory, "over-a-base");
    const layout = await layouts.write(path, empty.index);
    const second = { "etc/.wh.gone": "", "etc/hosts": "over the base\n", "opt/new": mixed(300_000, 5) };
    const base = mutate.configFile(
      mutate.mediaType(mutate.configMediaType(empty.image, ociConfigJSON), ociManifestSchema1),
      { architecture: "amd64", os: "linux", rootfs: { type: "layers", diffIDs: [] }, config: {} },
    );
    const first = streaming(await tarOf({ ...lower, "etc/gone": "whited out\n" }));
    await layout.appendImage(mutate.appendLayers(base, first), { annotations: { [REF]: "base" } });
    const streamed = mutate.appendLayers(await layout.image(), streaming(await tarOf(second)));
    await layout.replaceImage(streamed, match.name("base"), { annotations: { [REF]: "over" } });

    const image = await layout.image();
    await validate.image(image, { uncompressed: true });
    const bundle = join(directory, "bundle-over");
    await run("umoci", ["unpack", "--rootless", "--image", `${path}:over`, bundle]);
    const extracted: Record<string, string> = {};
    for await (const { header, body } of readTar(mutate.extract(image))) {
      if (header.type !== "file") continue;
      const content = await readAll(readableFrom(body), { maxBytes: 1 << 30 });
      extracted[header.name] = sha256(content);
    }
    expect(await hashesBelow(join(bundle, "rootfs"))).toEqual(extracted);
    expect(Object.keys(extracted).sort()).toEqual(["etc/hosts", "opt/new", "usr/bin/tool", "var/empty"]);
  });
});
