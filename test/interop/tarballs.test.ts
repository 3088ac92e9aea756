import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileOpener, streamToFile } from "../../src/node/index.js";
import { image as randomImage } from "../../src/random/index.js";
import { image, multiWrite } from "../../src/tarball/index.js";
import type { Image } from "../../src/v1/index.js";
import { PeerRegistry, skopeoCopy } from "./peer-registry.js";

const app = randomImage(300_000, 3, { seed: 1 });
const base = randomImage(1000, 2, { seed: 2 });

let directory: string;
let registry: PeerRegistry;
let written: string;

function skopeo(...args: readonly string[]): Promise<void> {
  return skopeoCopy([registry], ...args);
}

async function fromRegistry(path: string): Promise<Record<string, unknown>> {
  const accept = "application/vnd.docker.distribution.manifest.v2+json";
  const answer = await registry.fetch(`/v2/${path}`, { headers: { accept } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

/** Holds an image that was read to the one that it should be, by its configuration, and each layer to its diffID. */
async function expectSame(read: Image, original: Image): Promise<void> {
  expect(String(await read.configName())).toBe(String(await original.configName()));
  const layers = await read.layers();
  expect(layers).toHaveLength((await original.layers()).length);
  for (const layer of layers) {
    const content = await new Response(await layer.uncompressed()).arrayBuffer();
    const hex = createHash("sha256").update(new Uint8Array(content)).digest("hex");
    expect(String(await layer.diffID())).toBe(`sha256:${hex}`);
  }
}

describe.each(["docker-registry", "varve serve"] as const)("tarballs beside skopeo and %s", (kind) => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "varve-tarballs-"));
    registry = await PeerRegistry.start(kind);
    written = join(directory, "written.tar");
    const images = new Map([
      [`${registry.host}/interop/app:v1`, app],
      [`${registry.host}/interop/base:v1`, base],
    ]);
    await streamToFile(written, await multiWrite(images));
  });

  afterAll(async () => {
    await registry?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it.each([
    ["app", app],
    ["base", base],
  ] as const)(
    "one that was written here is loaded by skopeo into the registry: %s",
    async (name, original) => {
      const reference = `${registry.host}/interop/${name}:v1`;
      await skopeo(`docker-archive:${written}:${reference}`, `docker://${reference}`);
      const manifest = (await fromRegistry(`interop/${name}/manifests/v1`)) as { config: { digest: string } };
      expect(manifest.config.digest).toBe(String(await original.configName()));
      const config = (await fromRegistry(`interop/${name}/blobs/${manifest.config.digest}`)) as {
        rootfs: { diff_ids: string[] };
      };
      const layers = await original.layers();
      expect(config.rootfs.diff_ids).toEqual(
        await Promise.all(layers.map(async (each) => String(await each.diffID()))),
      );
    },
  );

  it("one that skopeo writes is read here, with the same configuration and contents", async () => {
    const path = join(directory, "skopeo.tar");
    await skopeo(`docker://${registry.host}/interop/app:v1`, `docker-archive:${path}:example.com/app:v2`);
    await expectSame(await image(fileOpener(path), "example.com/app:v2"), app);
    await expectSame(await image(fileOpener(path)), app);
  });

  it("one that skopeo writes of a layout is read here as well, and comes back through a tarball of ours", async () => {
    const layout = join(directory, "layout");
    await skopeo(`docker-archive:${written}:${registry.host}/interop/base:v1`, `oci:${layout}:v1`);
    const path = join(directory, "from-layout.tar");
    await skopeo(`oci:${layout}:v1`, `docker-archive:${path}:base:latest`);
    const read = await image(fileOpener(path), "base");
    const expected = await read.configFile();
    expect(expected.rootfs.diffIDs).toEqual((await base.configFile()).rootfs.diffIDs);

    const again = join(directory, "again.tar");
    await streamToFile(again, await multiWrite([["base", read]]));
    await skopeo(`docker-archive:${again}:base:latest`, `docker://${registry.host}/interop/again:v1`);
    const manifest = (await fromRegistry("interop/again/manifests/v1")) as { config: { digest: string } };
    expect(manifest.config.digest).toBe(String(await read.configName()));
  });
});
