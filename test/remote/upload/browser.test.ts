import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { list, writeLayer } from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import { clientOf, EmbeddedRegistry } from "../fixture/embedded-registry.js";
import { fetchFailed } from "../fixture/fake-registry.js";
import { randomBytes } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

beforeEach(() => {
  vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A response as a page sees it whose server exposes no headers. */
function hidden(response: Response): Response {
  Object.defineProperty(response, "type", { value: "cors" });
  return response;
}

describe("in a browser", () => {
  it("a stream is sent in chunks, which are blobs, and no request takes cookies along", async () => {
    await using registry = new EmbeddedRegistry();
    const inits: RequestInit[] = [];
    const watching: typeof fetch = (input, init) => {
      inits.push(init ?? {});
      return registry.fetch(input, init);
    };
    const layer = newLayer(randomBytes(250_000), { compression: "none" });
    await writeLayer(registry.repository(), layer, {
      ...clientOf(registry),
      fetch: watching,
      chunkSize: 100_000,
    });
    const patches = inits.filter(({ method }) => method === "PATCH");
    expect(patches.map(({ body }) => body instanceof Blob && body.size)).toEqual([100_000, 100_000, 50_000]);
    expect(inits.every(({ credentials }) => credentials === "omit")).toBe(true);
    expect(inits.every(({ headers }) => !new Headers(headers).has("user-agent"))).toBe(true);
  });

  it("redirects of reads are the browser's to follow, and those of writes are not followed", async () => {
    await using registry = new EmbeddedRegistry();
    const modes: string[] = [];
    const watching: typeof fetch = (input, init) => {
      modes.push(`${init?.method} ${init?.redirect}`);
      return registry.fetch(input, init);
    };
    await rejection(list(registry.repository(), { ...clientOf(registry), fetch: watching }));
    await writeLayer(registry.repository(), newLayer([]), { ...clientOf(registry), fetch: watching });
    expect(new Set(modes)).toEqual(new Set(["GET follow", "POST manual", "PATCH manual", "PUT manual"]));
  });

  it.each([
    ["Location", "POST"],
    ["WWW-Authenticate", "GET"],
  ])("a %s that a registry hides is named, with the setting that shows it", async (header, method) => {
    const registry = new EmbeddedRegistry((request, next) =>
      request.method === method
        ? hidden(new Response(null, { status: method === "GET" ? 401 : 202 }))
        : next(),
    );
    const error = await rejection(writeLayer(registry.repository(), newLayer([]), clientOf(registry)));
    expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    expect(error.message).toContain(`it must list ${header} in Access-Control-Expose-Headers`);
  });

  it("a Range that a registry hides is not needed while all goes well, and named when it is", async () => {
    let patches = 0;
    const registry = new EmbeddedRegistry(async (request, next) => {
      if (request.method === "PATCH" && ++patches === 2) throw fetchFailed("ECONNRESET");
      const response = await next();
      response.headers.delete("range");
      return request.method === "PATCH" || request.url.includes("uploads") ? hidden(response) : response;
    });
    const layer = newLayer(randomBytes(250_000), { compression: "none" });
    const error = await rejection(
      writeLayer(registry.repository(), layer, { ...clientOf(registry), chunkSize: 100_000 }),
    );
    expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    expect(error.message).toContain("it must list Range in Access-Control-Expose-Headers");
    expect(error.cause).toMatchObject({ causeCode: "ECONNRESET" });
  });
});
