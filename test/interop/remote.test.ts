import { createHash, randomFillSync } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newBasic } from "../../src/authn/index.js";
import { newDigest, type Repository } from "../../src/name/index.js";
import { manifests } from "../../src/partial/index.js";
import * as random from "../../src/random/index.js";
import * as remote from "../../src/remote/index.js";
import { newLayer } from "../../src/stream/index.js";
import { dockerLayer, type Image, type Layer, newHash } from "../../src/v1/index.js";
import { dockerRegistries, PeerRegistry, skopeoCopy } from "./peer-registry.js";
import { run } from "./processes.js";

async function sha256(stream: ReadableStream<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

async function check(image: Image): Promise<void> {
  const { rootfs } = await image.configFile();
  const layers = await image.layers();
  for (const [index, layer] of layers.entries()) {
    expect(await sha256(await layer.compressed())).toBe(String(await layer.digest()));
    expect(await sha256(await layer.uncompressed())).toBe(String(rootfs?.diffIDs?.[index]));
  }
}

/** Notes the methods of requests. */
function counting(log: string[]): typeof fetch {
  return (input, init) => {
    log.push(init?.method ?? "GET");
    return fetch(input, init);
  };
}

describe.each(dockerRegistries)("in %s", (kind) => {
  let directory: string;
  let registry: PeerRegistry;
  let access: PeerRegistry["access"];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "varve-remote-"));
    registry = await PeerRegistry.start(kind);
    access = registry.access;
  });

  afterAll(async () => {
    await registry?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describe("an image", () => {
    it("is written, pulled back and read by skopeo", async () => {
      const tag = registry.tag("app:v1");
      const image = random.image(200_000, 3, { seed: 1 });
      const written = await remote.write(tag, image, access);
      expect(String(written.digest)).toBe(String(await image.digest()));
      const pulled = await remote.image(tag, access);
      expect(String(await pulled.digest())).toBe(String(written.digest));
      await check(pulled);
      const authFile = `--authfile=${await registry.authFile()}`;
      const seen = JSON.parse(
        await run("skopeo", ["inspect", "--tls-verify=false", authFile, `docker://${tag.name()}`]),
      );
      expect(seen.Digest).toBe(String(written.digest));
      await skopeoCopy([registry], `docker://${tag.name()}`, `dir:${directory}/copy`);
      expect((await readdir(join(directory, "copy"))).length).toBe(6);
    });

    it("is not sent again, and gets a second tag", async () => {
      const image = random.image(1000, 2, { seed: 2 });
      const [one, two] = [registry.tag("twice:1"), registry.tag("twice:2")];
      await remote.write(one, image, access);
      const log: string[] = [];
      await remote.write(one, image, { ...access, fetch: counting(log) });
      expect(log).toEqual(["GET", "GET", "HEAD"]);
      await remote.tag(two, await remote.get(one, access), access);
      expect((await remote.list(one.context(), access)).toSorted()).toEqual(["1", "2"]);
      expect(await remote.catalog(one.context().registry, access)).toContain("twice");
    });

    it("as an index is written with its children", async () => {
      const tag = registry.tag("index:v1");
      const index = random.index(1000, 2, 3, { seed: 3 });
      await remote.writeIndex(tag, index, access);
      const pulled = await remote.index(tag, access);
      const children = await manifests(pulled);
      expect(children).toHaveLength(3);
      for (const child of children) await check(child as Image);
    });

    it("that skopeo wrote is pulled", async () => {
      const source = registry.tag("from-skopeo:1");
      await remote.write(source, random.image(5000, 2, { seed: 4 }), access);
      const copy = registry.tag("by-skopeo:1");
      await skopeoCopy([registry], "--format=oci", `docker://${source.name()}`, `docker://${copy.name()}`);
      await check(await remote.image(copy, access));
    });

    it("is mounted from another repository", async () => {
      const source = registry.tag("mount/source:1");
      await remote.write(source, random.image(50_000, 2, { seed: 5 }), access);
      const log: string[] = [];
      const target = registry.tag("mount/target:1");
      await remote.write(target, await remote.image(source, access), { ...access, fetch: counting(log) });
      expect(log).not.toContain("PATCH");
      expect(log.filter((method) => method === "POST")).toHaveLength(3);
      await check(await remote.image(target, access));
    });

    it("is deleted by its digest", async () => {
      const tag = registry.tag("gone:1");
      const { digest } = await remote.write(tag, random.image(100, 1, { seed: 6 }), access);
      await remote.deleteManifest(newDigest(`${registry.host}/gone@${digest}`), access);
      await expect(remote.head(tag, access)).rejects.toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
    });

    it("with a subject is found from that", async () => {
      const repo = registry.repository("subjects");
      const image = random.image(100, 1, { seed: 7 });
      const subject = await remote.write(repo.tag("base"), image, access);
      const manifest = await image.manifest();
      const bytes = new TextEncoder().encode(
        JSON.stringify({
          ...manifest,
          schemaVersion: 2,
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          artifactType: "application/example",
          annotations: { a: "b" },
          subject,
        }),
      );
      const artifact = {
        rawManifest: async () => bytes,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
      };
      const { digest } = await remote.put(repo.tag("artifact"), artifact, access);
      const found = await (await remote.referrers(repo.digest(subject.digest), access)).indexManifest();
      expect(found.manifests).toMatchObject([
        { artifactType: "application/example", annotations: { a: "b" }, size: bytes.length },
      ]);
      expect(String(found.manifests?.[0]?.digest)).toBe(String(digest));
    });

    it("may be pushed", async () => {
      await remote.checkPushPermission(registry.repository("permission"), access);
    });
  });

  describe("a blob", () => {
    const content = randomFillSync(new Uint8Array(3_000_000));
    const expected = `sha256:${createHash("sha256").update(content).digest("hex")}`;

    async function pull(repo: Repository, layer: Promise<{ digest: unknown }>): Promise<string> {
      const { digest } = await layer;
      return sha256(await (await remote.layer(repo.digest(newHash(String(digest))), access)).compressed());
    }

    function stream(): Layer {
      return newLayer([content.subarray(0, 1_234_567), content.subarray(1_234_567)], { compression: "none" });
    }

    it.each(["streaming", "chunked"] as const)("is sent %s from a stream", async (upload) => {
      const repo = registry.repository(`streams/${upload}`);
      expect(
        await pull(repo, remote.writeLayer(repo, stream(), { ...access, upload, chunkSize: 700_000 })),
      ).toBe(expected);
    });

    it.each(["streaming", "chunked", "monolithic"] as const)(
      "is sent %s when it is known",
      async (upload) => {
        const repo = registry.repository(`known/${upload}`);
        const layer = random.layer(2_000_000, dockerLayer, { seed: 9 });
        expect(
          await pull(repo, remote.writeLayer(repo, layer, { ...access, upload, chunkSize: 700_000 })),
        ).toBe(String(await layer.digest()));
      },
    );

    /** Breaks connections before a PATCH is sent, or after it was answered, as the test wants. */
    function breaking(at: (patch: number) => "before" | "after" | undefined): typeof fetch {
      let patches = 0;
      return async (input, init) => {
        const when = init?.method === "PATCH" ? at(++patches) : undefined;
        const lost = new TypeError("fetch failed", {
          cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }),
        });
        if (when === "before") throw lost;
        const response = await fetch(input, init);
        if (when === "after") {
          await response.arrayBuffer();
          throw lost;
        }
        return response;
      };
    }

    const chunked = { upload: "chunked", chunkSize: 400_000, retryBackoff: { delay: 1 } } as const;

    it("acceptance 48: arrives whole in chunks over connections that break", async () => {
      const repo = registry.repository("broken/before");
      const options = {
        ...access,
        ...chunked,
        fetch: breaking((patch) => (patch % 3 === 0 ? undefined : "before")),
      };
      expect(await pull(repo, remote.writeLayer(repo, stream(), options))).toBe(expected);
    });

    // This registry keeps an upload's offset in the Location of each answer, and gives the upload up when it is asked with an older one.
    it("is lost with the answer to a chunk, and the error tells how far it had come", async () => {
      const repo = registry.repository("broken/after");
      const options = {
        ...access,
        ...chunked,
        fetch: breaking((patch) => (patch === 3 ? "after" : undefined)),
      };
      await expect(remote.writeLayer(repo, stream(), options)).rejects.toMatchObject({
        code: "ERR_VARVE_UPLOAD_LOST",
        acknowledged: 800_000,
        cause: { code: "ERR_VARVE_NETWORK" },
      });
    });

    it("that can be read again is sent again when an upload is lost", async () => {
      const repo = registry.repository("broken/known");
      const layer = random.layer(2_000_000, dockerLayer, { seed: 9 });
      const options = {
        ...access,
        ...chunked,
        fetch: breaking((patch) => (patch === 3 ? "after" : undefined)),
      };
      expect(await pull(repo, remote.writeLayer(repo, layer, options))).toBe(String(await layer.digest()));
    });
  });
});

describe("docker-registry with htpasswd", () => {
  let registry: PeerRegistry;
  beforeAll(async () => {
    registry = await PeerRegistry.start("docker-registry with htpasswd");
  });
  afterAll(() => registry?.stop());

  it.each([
    ["a wrong password", { auth: newBasic("ada", "s3cret") }],
    ["no credentials", {}],
  ])("with %s neither gives nor takes anything, and the error tells why", async (_, access) => {
    const tag = registry.tag("secret:1");
    const image = random.image(100, 1, { seed: 1 });
    await remote.write(tag, image, registry.access);
    const refused = { code: "ERR_VARVE_UNAUTHORIZED", status: 401 };
    const message = expect.stringContaining(registry.host);
    await expect(remote.image(tag, access)).rejects.toMatchObject({ ...refused, message });
    await expect(remote.write(tag, image, access)).rejects.toMatchObject({ ...refused, message });
    const layer = newLayer([new Uint8Array(100)]);
    await expect(remote.writeLayer(tag.context(), layer, access)).rejects.toMatchObject(refused);
    await expect(layer.digest()).rejects.toThrow();
  });
});
