import { describe, expect, it, vi } from "vitest";
import { newRepository } from "../../src/name/index.js";
import { faults, fetchOf, newRegistry, withFaults } from "../../src/registry/index.js";
import { NetworkError, writeLayer } from "../../src/remote/index.js";
import { newLayer } from "../../src/stream/index.js";
import { noise } from "./exchange.js";

describe("fetchOf", () => {
  it("lets a client and a registry meet in one process", async () => {
    const registry = newRegistry();
    const layer = newLayer(noise(300_000));
    const repository = newRepository("localhost:5000/a");
    await writeLayer(repository, layer, { fetch: fetchOf(registry.fetch) });
    const ask = fetchOf(registry.fetch);
    const blob = await ask(`http://localhost:5000/v2/a/blobs/${await layer.digest()}`, { method: "HEAD" });
    expect(blob.headers.get("Content-Length")).toBe(String(await layer.size()));
  });

  it("fails as the network does when a fault breaks the connection", async () => {
    const ask = fetchOf(withFaults(newRegistry().fetch, [{ effect: faults.dropConnection(), times: 2 }]));
    const failure = await ask("http://localhost:5000/v2/").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(failure).toMatchObject({ cause: { code: "ECONNRESET" } });
    const pushed = writeLayer(newRepository("localhost:5000/a"), newLayer(noise(10)), {
      fetch: fetchOf(
        withFaults(newRegistry().fetch, [
          { method: "PATCH", effect: faults.dropConnection({ afterBytes: 5 }) },
        ]),
      ),
    });
    await expect(pushed).rejects.toThrow(NetworkError);
  });

  it("rejects at once when it is aborted, whatever the handler does, and does not call it for what was aborted before", async () => {
    const handler = vi.fn(() => new Promise<Response>(() => undefined));
    const ask = fetchOf(handler);
    const controller = new AbortController();
    const answer = ask("http://localhost:5000/v2/", { signal: controller.signal });
    await vi.waitFor(() => expect(handler).toHaveBeenCalledOnce());
    controller.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
    await expect(ask("http://localhost:5000/v2/", { signal: controller.signal })).rejects.toThrow("enough");
    expect(handler).toHaveBeenCalledOnce();
  });

  it("lets an answer go that comes after it was aborted", async () => {
    const cancelled = vi.fn();
    let give = (_: Response): void => undefined;
    const handler = vi.fn(() => new Promise<Response>((resolve) => (give = resolve)));
    const controller = new AbortController();
    const answer = fetchOf(handler)("http://localhost:5000/v2/", { signal: controller.signal });
    await vi.waitFor(() => expect(handler).toHaveBeenCalledOnce());
    controller.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
    give(new Response(new ReadableStream({ cancel: cancelled })));
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalledOnce());
  });

  it("throws what a handler throws, and gives redirects back", async () => {
    const failing = fetchOf(() => {
      throw new RangeError("no");
    });
    await expect(failing("http://localhost:5000/")).rejects.toThrow(RangeError);
    const ask = fetchOf(() => new Response(null, { status: 307, headers: { Location: "/elsewhere" } }));
    expect((await ask("http://localhost:5000/")).status).toBe(307);
  });
});
