import { describe, expect, it } from "vitest";
import type { Digest } from "../../../src/name/index.js";
import {
  checkPushPermission,
  deleteManifest,
  newPusher,
  put,
  referrers,
  type Taggable,
  write,
} from "../../../src/remote/index.js";
import {
  type Descriptor,
  encodeIndexManifest,
  encodeManifest,
  type IndexManifest,
  newHash,
  ociImageIndex,
  ociManifestSchema1,
  parseIndexManifest,
} from "../../../src/v1/index.js";
import { clientOf, EmbeddedRegistry, type Gate } from "../fixture/embedded-registry.js";
import { errors, fetchFailed } from "../fixture/fake-registry.js";
import { imageOf } from "../fixture/images.js";
import { digestOf, KnownLayer, randomBytes } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

/** A registry without an API for referrers, which answers so. */
function without(
  answer: () => Response = () => new Response(null, { status: 404 }),
  gate?: Gate,
): EmbeddedRegistry {
  return new EmbeddedRegistry(async (request, next) => {
    if (request.url.includes("/referrers/")) return answer();
    const response = await (gate?.(request, next) ?? next());
    const headers = new Headers(response.headers);
    headers.delete("oci-subject");
    const { status } = response;
    return new Response(response.body, { status, headers });
  });
}

interface Artifact extends Taggable {
  readonly digest: string;
}

/** A manifest about another one. */
function about(subject: Descriptor, artifactType = "text/plain", n = 0): Artifact {
  const bytes = encodeManifest({
    schemaVersion: 2,
    mediaType: ociManifestSchema1,
    artifactType,
    config: {
      mediaType: "application/vnd.oci.empty.v1+json",
      size: 2,
      digest: newHash(digestOf(new TextEncoder().encode("{}"))),
    },
    layers: [],
    subject,
    annotations: { n: String(n) },
  });
  return { rawManifest: async () => bytes, mediaType: ociManifestSchema1, digest: digestOf(bytes) };
}

async function subjectIn(registry: EmbeddedRegistry): Promise<Descriptor> {
  const { mediaType, size, digest } = await write(
    registry.tag(),
    imageOf([new KnownLayer(randomBytes(50))]),
    clientOf(registry),
  );
  return { mediaType, size, digest };
}

function at(registry: EmbeddedRegistry, { digest }: Descriptor): Digest {
  return registry.repository().digest(digest);
}

async function found(
  registry: EmbeddedRegistry,
  subject: Descriptor,
  options: object = {},
): Promise<IndexManifest> {
  return (await referrers(at(registry, subject), { ...clientOf(registry), ...options })).indexManifest();
}

function digests({ manifests = [] }: IndexManifest): string[] {
  return manifests.map(({ digest }) => String(digest));
}

describe("what refers to a manifest", () => {
  it("acceptance 61: comes from the registry's API", async () => {
    await using registry = new EmbeddedRegistry();
    const subject = await subjectIn(registry);
    expect(await found(registry, subject)).toMatchObject({ manifests: [] });
    const artifact = about(subject);
    await put(registry.tag("repo:a"), artifact, clientOf(registry));
    const { manifests } = await found(registry, subject);
    expect(manifests).toMatchObject([
      { mediaType: ociManifestSchema1, artifactType: "text/plain", annotations: { n: "0" } },
    ]);
    expect(registry.count("GET", "manifests/sha256-")).toBe(0);
  });

  it("acceptance 61: is not looked after where the registry says that it does", async () => {
    const registry = new EmbeddedRegistry(async (_, next) => {
      const response = await next();
      response.headers.set("oci-subject", "sha256:x");
      return response;
    });
    const subject = await subjectIn(registry);
    registry.made.length = 0;
    await put(registry.tag("repo:a"), about(subject), clientOf(registry));
    expect(registry.log).toEqual(["GET ", "PUT repo/manifests/a"]);
  });

  it.each([
    ["404", () => new Response(null, { status: 404 })],
    ["400", () => errors(400, { code: "UNSUPPORTED" })],
    ["406", () => new Response(null, { status: 406 })],
    ["405", () => new Response(null, { status: 405 })],
    ["a page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
  ])("acceptance 61: is read from the tag where there is no API but %s", async (name, answer) => {
    await using registry = without(name === "a page" ? () => new Response(null, { status: 404 }) : answer);
    const subject = await subjectIn(registry);
    const tag = `sha256-${subject.digest.hex}`;
    const artifacts = [1, 2, 3].map((n) => about(subject, n === 3 ? "text/html" : "text/plain", n));
    for (const artifact of [...artifacts, artifacts[0]!]) {
      await put(registry.repository().digest(artifact.digest), artifact, clientOf(registry));
    }
    const reading = new EmbeddedRegistry((request, _) =>
      request.url.includes("/referrers/") ? answer() : registry.registry.fetch(request),
    );
    const index = await found(reading, subject);
    expect(digests(index)).toEqual(artifacts.map(({ digest }) => digest).toSorted());
    expect(index.manifests?.[0]).toMatchObject({
      annotations: { n: expect.any(String) },
      artifactType: expect.any(String),
    });
    expect(registry.count("PUT", `manifests/${tag}`)).toBe(3);
    expect(digests(await found(reading, subject, { filter: { artifactType: "text/html" } }))).toEqual([
      artifacts[2]?.digest,
    ]);
  });

  it("acceptance 61: is nothing where there is no tag either", async () => {
    await using registry = without();
    expect(digests(await found(registry, await subjectIn(registry)))).toEqual([]);
  });

  it("acceptance 61: is an error where there is no API and the tag must not be used", async () => {
    await using registry = without();
    const subject = await subjectIn(registry);
    const referrersTagFallback = false;
    expect(await rejection(found(registry, subject, { referrersTagFallback }))).toMatchObject({
      status: 404,
    });
    const options = { ...clientOf(registry), referrersTagFallback };
    expect(await rejection(put(registry.tag("repo:a"), about(subject), options))).toMatchObject({
      status: 404,
    });
    const page = without(() => new Response("<html>"));
    expect(await rejection(found(page, subject, { referrersTagFallback }))).toMatchObject({
      code: "ERR_VARVE_PROTOCOL",
    });
  });

  it("acceptance 61: is all kept when much is written at a time", async () => {
    await using registry = without();
    const subject = await subjectIn(registry);
    const pusher = newPusher(clientOf(registry));
    const artifacts = Array.from({ length: 6 }, (_, n) => about(subject, "text/plain", n));
    await Promise.all(artifacts.map((artifact, n) => pusher.put(registry.tag(`repo:${n}`), artifact)));
    expect(digests(await found(registry, subject))).toEqual(artifacts.map(({ digest }) => digest).toSorted());
  });

  it("is not overwritten where a registry tells states apart: the list is read again", async () => {
    let conflicts = 0;
    const ifMatch: (string | null)[] = [];
    await using registry = without(undefined, async (request, next) => {
      if (!request.url.includes("/manifests/sha256-")) return next();
      if (request.method === "PUT") {
        ifMatch.push(request.headers.get("if-match"));
        if (request.headers.has("if-match") && ++conflicts === 1) return new Response(null, { status: 412 });
        return next();
      }
      const response = await next();
      if (response.status === 200) response.headers.set("etag", `"state-${conflicts}"`);
      return response;
    });
    const subject = await subjectIn(registry);
    const artifacts = [about(subject, "a/a"), about(subject, "b/b")];
    for (const [n, artifact] of artifacts.entries()) {
      await put(registry.tag(`repo:${n}`), artifact, clientOf(registry));
    }
    expect(ifMatch).toEqual([null, '"state-0"', '"state-1"']);
    expect(digests(await found(registry, subject))).toHaveLength(2);
  });

  it("is added to a list whose state has a weak name only, which no condition can be made of", async () => {
    await using registry = without(undefined, async (request, next) => {
      if (!request.url.includes("/manifests/sha256-")) return next();
      if (request.headers.has("if-match")) return new Response(null, { status: 412 });
      const response = await next();
      if (response.status === 200) response.headers.set("etag", 'W/"state"');
      return response;
    });
    const subject = await subjectIn(registry);
    await put(registry.tag("repo:0"), about(subject, "a/a"), clientOf(registry));
    await put(registry.tag("repo:1"), about(subject, "b/b"), clientOf(registry));
    expect(digests(await found(registry, subject))).toHaveLength(2);
  });

  it("is not written over what is under the tag and is something else", async () => {
    await using registry = without();
    const subject = await subjectIn(registry);
    await put(registry.tag(`repo:sha256-${subject.digest.hex}`), imageOf([]), clientOf(registry)).catch(
      () => undefined,
    );
    await write(
      registry.tag(`repo:sha256-${subject.digest.hex}`),
      imageOf([new KnownLayer(randomBytes(5))]),
      clientOf(registry),
    );
    const error = await rejection(put(registry.tag("repo:a"), about(subject), clientOf(registry)));
    expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    expect(error.message).toContain("referrersTagFallback");
  });

  it("is not asked for more often than what it belongs to is tried", async () => {
    let asked = 0;
    const registry = without(undefined, (request, next) => {
      const isList = request.method === "GET" && request.url.includes("/manifests/sha256-");
      return isList && ++asked > 0 ? new Response(null, { status: 503 }) : next();
    });
    const subject = await subjectIn(registry);
    const failure = await rejection(put(registry.tag("repo:a"), about(subject), clientOf(registry)));
    expect(failure).toMatchObject({ status: 503, method: "GET" });
    expect(asked).toBe(3);
  });

  it("is told of by its place where it cannot be read", async () => {
    const asTag = without(undefined, async (request, next) => {
      const isList = request.method === "GET" && request.url.includes("/manifests/sha256-");
      return isList ? new Response("<p>") : next();
    });
    const subject = await subjectIn(asTag);
    const failure = await rejection(put(asTag.tag("repo:a"), about(subject), clientOf(asTag)));
    expect(failure).toMatchObject({ code: "ERR_VARVE_PROTOCOL", cause: { code: "ERR_VARVE_JSON" } });
    expect(failure.message).toContain("the tag sha256-");
    const headers = { "content-type": "application/vnd.oci.image.index.v1+json" };
    const asPage = without(() => new Response("<p>", { headers }));
    const other = await subjectIn(asPage);
    expect((await rejection(found(asPage, other))).message).toMatch(
      /^GET .*\/referrers\/.* should be an OCI index/,
    );
  });

  it("comes on several pages, and is filtered by the registry or here", async () => {
    const listed = (n: number, artifactType: string): Descriptor => ({
      mediaType: ociManifestSchema1,
      size: 1,
      digest: newHash(digestOf(new Uint8Array([n]))),
      artifactType,
    });
    const asked: string[] = [];
    const registry = without(() => {
      const url = registry.made.at(-1)!.url;
      asked.push(url.search);
      const second = url.searchParams.has("page");
      const bytes = encodeIndexManifest({
        schemaVersion: 2,
        mediaType: ociImageIndex,
        manifests: second ? [listed(3, "a/a")] : [listed(1, "a/a"), listed(2, "b/b")],
      });
      return new Response(bytes, {
        headers: { "content-type": ociImageIndex, ...(second ? {} : { link: '<?page=2>; rel="next"' }) },
      });
    });
    const subject = listed(0, "");
    expect(digests(await found(registry, subject, { filter: { artifactType: "a/a" } }))).toEqual(
      [listed(1, ""), listed(3, "")].map(({ digest }) => String(digest)),
    );
    expect(asked).toEqual(["?artifactType=a%2Fa", "?page=2"]);
    expect(digests(await found(registry, subject))).toHaveLength(3);
  });

  it("is an index that can be pulled from", async () => {
    await using registry = new EmbeddedRegistry();
    const subject = await subjectIn(registry);
    const artifact = about(subject);
    await put(registry.tag("repo:a"), artifact, clientOf(registry));
    const index = await referrers(at(registry, subject), clientOf(registry));
    expect(await (await index.image(newHash(artifact.digest))).rawManifest()).toEqual(
      await artifact.rawManifest(),
    );
    expect(parseIndexManifest(await index.rawManifest())).toEqual(await index.indexManifest());
  });
});

describe("deleting", () => {
  it.each([200, 202])("acceptance 62: is done with %i", async (status) => {
    const registry = new EmbeddedRegistry((request, next) =>
      request.method === "DELETE" ? new Response(null, { status }) : next(),
    );
    await deleteManifest(registry.tag(), clientOf(registry));
    expect(registry.log).toEqual(["GET ", "DELETE repo/manifests/latest"]);
  });

  it("acceptance 62: is done when only its answer was lost, and what was deleted is not there any more", async () => {
    let deletions = 0;
    await using registry = new EmbeddedRegistry(async (request, next) => {
      const answer = await next();
      if (request.method === "DELETE" && ++deletions === 1) throw fetchFailed("ECONNRESET");
      return answer;
    });
    const subject = await subjectIn(registry);
    await deleteManifest(at(registry, subject), clientOf(registry));
    expect(deletions).toBe(2);
  });

  it("acceptance 62: is refused otherwise, and is real", async () => {
    await using registry = new EmbeddedRegistry();
    const subject = await subjectIn(registry);
    await deleteManifest(at(registry, subject), clientOf(registry));
    expect(await rejection(deleteManifest(at(registry, subject), clientOf(registry)))).toMatchObject({
      status: 404,
    });
  });
});

describe("the permission to push", () => {
  it("is found out by opening an upload, which is forgotten", async () => {
    await using registry = new EmbeddedRegistry();
    await checkPushPermission(registry.repository(), clientOf(registry));
    await new Promise((resolve) => setImmediate(resolve));
    expect(registry.log).toEqual(["GET ", "POST repo/blobs/uploads/", "DELETE repo/blobs/uploads/..."]);
  });

  it("is missing where that is refused", async () => {
    const registry = new EmbeddedRegistry((request, next) =>
      request.method === "POST" ? errors(403, { code: "DENIED", message: "read only" }) : next(),
    );
    const error = await rejection(checkPushPermission(registry.repository(), clientOf(registry)));
    expect(error).toMatchObject({ code: "ERR_VARVE_DENIED" });
    expect(error.message).toContain("read only");
  });
});
