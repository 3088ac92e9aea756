import { createHash, randomFillSync } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newDigest, newRepository, newTag, type Repository } from "../../src/name/index.js";
import { manifests } from "../../src/partial/index.js";
import * as random from "../../src/random/index.js";
import * as remote from "../../src/remote/index.js";
import { newLayer } from "../../src/stream/index.js";
import { dockerLayer, type Image, type Layer, newHash } from "../../src/v1/index.js";
import { Daemon, freePort, run } from "./processes.js";

let directory: string;
let daemon: Daemon;
let host: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "varve-remote-"));
  host = `127.0.0.1:${await freePort()}`;
  const storage = join(directory, "storage");
  await mkdir(storage);
  const configuration = join(directory, "registry.yml");
  await writeFile(
    configuration,
    `version: 0.1\nlog: {level: error}\nstorage: {delete: {enabled: true}, filesystem: {rootdirectory: ${storage}}}\nhttp: {addr: ${host}}\n`,
  );
  daemon = new Daemon("docker-registry", ["serve", configuration]);
  await daemon.answers(`http://${host}/v2/`);
});

afterAll(async () => {
  await daemon?.stop();
  await rm(directory, { recursive: true, force: true });
});

function repository(name: string): Repository {
  return newRepository(`${host}/${name}`);
}

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

describe("an image in docker-registry", () => {
  it("is written, pulled back and read by skopeo", async () => {
    const tag = newTag(`${host}/app:v1`);
    const image = random.image(200_000, 3, { seed: 1 });
    const written = await remote.write(tag, image);
    expect(String(written.digest)).toBe(String(await image.digest()));
    const pulled = await remote.image(tag);
    expect(String(await pulled.digest())).toBe(String(written.digest));
    await check(pulled);
    const seen = JSON.parse(
      await run("skopeo", ["inspect", "--tls-verify=false", `docker://${host}/app:v1`]),
    );
    expect(seen.Digest).toBe(String(written.digest));
    await run("skopeo", [
      "copy",
      "--src-tls-verify=false",
      `docker://${tag.name()}`,
      `dir:${directory}/copy`,
    ]);
    expect((await readdir(join(directory, "copy"))).length).toBe(6);
  });

  it("is not sent again, and gets a second tag", async () => {
    const image = random.image(1000, 2, { seed: 2 });
    const [one, two] = [newTag(`${host}/twice:1`), newTag(`${host}/twice:2`)];
    await remote.write(one, image);
    const log: string[] = [];
    await remote.write(one, image, { fetch: counting(log) });
    expect(log).toEqual(["GET", "GET", "HEAD"]);
    await remote.tag(two, await remote.get(one));
    expect((await remote.list(one.context())).toSorted()).toEqual(["1", "2"]);
    expect(await remote.catalog(one.context().registry)).toContain("twice");
  });

  it("as an index is written with its children", async () => {
    const tag = newTag(`${host}/index:v1`);
    const index = random.index(1000, 2, 3, { seed: 3 });
    await remote.writeIndex(tag, index);
    const pulled = await remote.index(tag);
    const children = await manifests(pulled);
    expect(children).toHaveLength(3);
    for (const child of children) await check(child as Image);
  });

  it("that skopeo wrote is pulled", async () => {
    const source = newTag(`${host}/from-skopeo:1`);
    await remote.write(source, random.image(5000, 2, { seed: 4 }));
    await run("skopeo", [
      "copy",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      "--format=oci",
      `docker://${source.name()}`,
      `docker://${host}/by-skopeo:1`,
    ]);
    await check(await remote.image(newTag(`${host}/by-skopeo:1`)));
  });

  it("is mounted from another repository", async () => {
    const source = newTag(`${host}/mount/source:1`);
    await remote.write(source, random.image(50_000, 2, { seed: 5 }));
    const log: string[] = [];
    const target = newTag(`${host}/mount/target:1`);
    await remote.write(target, await remote.image(source), { fetch: counting(log) });
    expect(log).not.toContain("PATCH");
    expect(log.filter((method) => method === "POST")).toHaveLength(3);
    await check(await remote.image(target));
  });

  it("is deleted by its digest", async () => {
    const tag = newTag(`${host}/gone:1`);
    const { digest } = await remote.write(tag, random.image(100, 1, { seed: 6 }));
    await remote.deleteManifest(newDigest(`${host}/gone@${digest}`));
    await expect(remote.head(tag)).rejects.toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
  });

  it("with a subject is found from that", async () => {
    const repo = repository("subjects");
    const image = random.image(100, 1, { seed: 7 });
    const subject = await remote.write(repo.tag("base"), image);
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
    const { digest } = await remote.put(repo.tag("artifact"), artifact);
    const found = await (await remote.referrers(repo.digest(subject.digest))).indexManifest();
    expect(found.manifests).toMatchObject([
      { artifactType: "application/example", annotations: { a: "b" }, size: bytes.length },
    ]);
    expect(String(found.manifests?.[0]?.digest)).toBe(String(digest));
  });

  it("may be pushed", async () => {
    await remote.checkPushPermission(repository("permission"));
  });
});

describe("a blob in docker-registry", () => {
  const content = randomFillSync(new Uint8Array(3_000_000));
  const expected = `sha256:${createHash("sha256").update(content).digest("hex")}`;

  async function pull(repo: Repository, layer: Promise<{ digest: unknown }>): Promise<string> {
    const { digest } = await layer;
    return sha256(await (await remote.layer(repo.digest(newHash(String(digest))))).compressed());
  }

  function stream(): Layer {
    return newLayer([content.subarray(0, 1_234_567), content.subarray(1_234_567)], { compression: "none" });
  }

  it.each(["streaming", "chunked"] as const)("is sent %s from a stream", async (upload) => {
    const repo = repository(`streams/${upload}`);
    expect(await pull(repo, remote.writeLayer(repo, stream(), { upload, chunkSize: 700_000 }))).toBe(
      expected,
    );
  });

  it.each(["streaming", "chunked", "monolithic"] as const)("is sent %s when it is known", async (upload) => {
    const repo = repository(`known/${upload}`);
    const layer = random.layer(2_000_000, dockerLayer, { seed: 9 });
    expect(await pull(repo, remote.writeLayer(repo, layer, { upload, chunkSize: 700_000 }))).toBe(
      String(await layer.digest()),
    );
  });

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
    const repo = repository("broken/before");
    const options = {
      ...chunked,
      fetch: breaking((patch) => (patch % 3 === 0 ? undefined : "before")),
    };
    expect(await pull(repo, remote.writeLayer(repo, stream(), options))).toBe(expected);
  });

  // This registry keeps an upload's offset in the Location of each answer, and gives the upload up when it is asked with an older one.
  it("is lost with the answer to a chunk, and the error tells how far it had come", async () => {
    const repo = repository("broken/after");
    const options = { ...chunked, fetch: breaking((patch) => (patch === 3 ? "after" : undefined)) };
    await expect(remote.writeLayer(repo, stream(), options)).rejects.toMatchObject({
      code: "ERR_VARVE_UPLOAD_LOST",
      acknowledged: 800_000,
      cause: { code: "ERR_VARVE_NETWORK" },
    });
  });

  it("that can be read again is sent again when an upload is lost", async () => {
    const repo = repository("broken/known");
    const layer = random.layer(2_000_000, dockerLayer, { seed: 9 });
    const options = { ...chunked, fetch: breaking((patch) => (patch === 3 ? "after" : undefined)) };
    expect(await pull(repo, remote.writeLayer(repo, layer, options))).toBe(String(await layer.digest()));
  });
});
