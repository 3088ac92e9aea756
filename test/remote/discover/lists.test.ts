import { describe, expect, it, vi } from "vitest";
import * as random from "../../../src/random/index.js";
import { catalog, list, newPuller, write } from "../../../src/remote/index.js";
import { clientOf, EmbeddedRegistry } from "../fixture/embedded-registry.js";
import { rejection } from "../fixture/thrown.js";

/** Answers each question for a list with the next page; `Link` is as given. */
function paged(...answers: (() => Response)[]): EmbeddedRegistry {
  let asked = 0;
  return new EmbeddedRegistry((request, next) =>
    request.url.endsWith("/v2/") ? next() : answers[Math.min(asked++, answers.length - 1)]!(),
  );
}

function page(tags: unknown, link?: string): () => Response {
  return () => Response.json({ name: "repo", tags }, link === undefined ? {} : { headers: { link } });
}

function tags(registry: EmbeddedRegistry, options: object = {}): Promise<readonly string[]> {
  return list(registry.repository(), { ...clientOf(registry), ...options });
}

describe("the tags of a repository", () => {
  it("come from a registry as they are there", async () => {
    await using registry = new EmbeddedRegistry();
    for (const name of ["b", "a", "c"]) {
      await write(registry.tag(`repo:${name}`), random.image(10, 1, { seed: 1 }), clientOf(registry));
    }
    expect(await tags(registry)).toEqual(["a", "b", "c"]);
    expect(registry.made.at(-1)?.url.search).toBe("?n=1000");
    expect(await tags(registry, { pageSize: 2 })).toEqual(["a", "b", "c"]);
    await tags(registry, { pageSize: 0 });
    expect(registry.made.at(-1)?.url.search).toBe("");
  });

  it.each([
    '</v2/repo/tags/list?last=b&n=2>; rel="next"',
    "<https://registry.example/v2/repo/tags/list?last=b>; rel=next",
    '<list?last=b>;rel="next"',
    '<list?last=b>; foo="bar"; rel="next"',
    '<list>; rel="first", <list?last=b>; rel="next"',
    '<list>; title="a, b"; rel=first,<list?last=b>;REL="last Next"',
  ])("acceptance 60: are followed to %s, in the registry's order", async (link) => {
    const registry = paged(page(["z", "b"], link), page(["a"]));
    expect(await tags(registry)).toEqual(["z", "b", "a"]);
    expect(registry.made.at(-1)?.url.searchParams.get("last")).toBe("b");
  });

  it.each([
    "<https://other.example/v2/repo/tags/list>; rel=next",
    "<http://registry.example/v2/repo/tags/list>; rel=next",
    "<https://registry.example:444/v2/repo/tags/list>; rel=next",
    "<https://u:p@registry.example/v2/repo/tags/list>; rel=next",
    "<//169.254.169.254/>; rel=next",
  ])("acceptance 60: are not followed to %s", async (link) => {
    const registry = paged(page(["a"], link), page(["b"]));
    expect(await rejection(tags(registry))).toMatchObject({ code: "ERR_VARVE_UNSAFE_LOCATION" });
    expect(registry.made).toHaveLength(2);
  });

  it.each(["/v2/next", "<https://registry.example", "<http://[>; rel=next", "nonsense"])(
    "acceptance 60: fail on the malformed Link %s",
    async (link) => {
      const error = await rejection(tags(paged(page(["a"], link))));
      expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
      expect(error.message).toContain("malformed");
    },
  );

  it.each(['<list>; rel="prev"', '<list>; rel="first", <list?last=z>; rel="last"'])(
    "end where the Link is only %s",
    async (link) => {
      expect(await tags(paged(page(["a"], link)))).toEqual(["a"]);
    },
  );

  it("fail where there is no end of pages", async () => {
    let asked = 0;
    const endless: typeof fetch = async () => {
      asked += 1;
      return Response.json({ tags: [] }, { headers: { link: `<list?last=${asked}>; rel=next` } });
    };
    const repository = new EmbeddedRegistry().repository();
    expect((await rejection(list(repository, { fetch: endless }))).message).toContain(
      "more than 10000 pages",
    );
    expect(asked).toBe(10_001);
  });

  it("may be hundreds of thousands on one page", async () => {
    const many = Array.from({ length: 300_000 }, (_, each) => `t${each}`);
    expect(await tags(paged(page(many)), { maxManifestBytes: 16 << 20 })).toHaveLength(300_000);
  });

  it("fail where the pages lead in a circle", async () => {
    const registry = paged(page(["a"], "<list?last=a>; rel=next"), page(["a"], "<list?last=a>; rel=next"));
    expect((await rejection(tags(registry))).message).toContain("in a circle");
    expect(registry.made).toHaveLength(3);
  });

  it("acceptance 60: end with the signal, between pages and in the middle of one", async () => {
    const controller = new AbortController();
    const registry = paged(page(["a"], "<list?last=a>; rel=next"), () => {
      setImmediate(() => controller.abort(new Error("enough")));
      return new Response(new ReadableStream());
    });
    const error = await rejection(tags(registry, { signal: controller.signal }));
    expect(error).toMatchObject({
      code: "ERR_VARVE_ABORTED",
      message: "listing the tags of registry.example/repo was aborted (enough)",
    });
  });

  it("can be had page by page, and the rest left", async () => {
    const registry = paged(
      page(["a"], "<list?last=a>; rel=next"),
      page(["b"], "<list?last=b>; rel=next"),
      page(["c"]),
    );
    const seen: string[] = [];
    for await (const some of newPuller(clientOf(registry)).lister(registry.repository())) {
      seen.push(...some);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(["a", "b"]);
    expect(registry.made).toHaveLength(3);
  });

  it.each([[null], [undefined], [[]]])("are none where the registry lists %j", async (none) => {
    expect(await tags(paged(page(none)))).toEqual([]);
  });

  it.each([["a"], [{}], [[1]], [["a", null]]])("are not read from %j", async (wrong) => {
    expect(await rejection(tags(paged(page(wrong))))).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
  });

  it.each(['"denied"', "true", "5", "[]", '["a"]'])("are not read from the answer %s", async (text) => {
    expect(await rejection(tags(paged(() => new Response(text))))).toMatchObject({
      code: "ERR_VARVE_PROTOCOL",
      message: expect.stringContaining("no list of tags"),
    });
  });

  it("are not read from what is no JSON, or is too large", async () => {
    expect(await rejection(tags(paged(() => new Response("<html>"))))).toMatchObject({
      code: "ERR_VARVE_PROTOCOL",
    });
    const large = paged(() => Response.json({ tags: ["x".repeat(1000)] }));
    expect(await rejection(tags(large, { maxManifestBytes: 100 }))).toMatchObject({
      code: "ERR_VARVE_SIZE_LIMIT",
    });
  });

  it("are asked for again after what passes", async () => {
    const registry = paged(() => new Response(null, { status: 503 }), page(["a"]));
    expect(await tags(registry)).toEqual(["a"]);
  });
});

describe("the repositories of a registry", () => {
  it("are listed, from one on if that is wanted", async () => {
    await using registry = new EmbeddedRegistry();
    for (const name of ["b", "a", "c"]) {
      await write(registry.tag(`${name}:1`), random.image(10, 1, { seed: 1 }), clientOf(registry));
    }
    expect(await catalog(registry.repository().registry, clientOf(registry))).toEqual(["a", "b", "c"]);
    expect(registry.made.at(-1)?.url.href).toBe("https://registry.example/v2/_catalog?n=1000");
    const seen: (readonly string[])[] = [];
    const puller = newPuller({ ...clientOf(registry), pageSize: 1 });
    for await (const some of puller.cataloger(registry.repository().registry, { last: "a" })) seen.push(some);
    expect(seen.flat()).toEqual(["b", "c"]);
  });

  it("reject with the registry's refusal", async () => {
    const registry = paged(() => new Response(null, { status: 401 }));
    expect(await rejection(catalog(registry.repository().registry, clientOf(registry)))).toMatchObject({
      code: "ERR_VARVE_UNAUTHORIZED",
    });
    expect(vi.isFakeTimers()).toBe(false);
  });
});
