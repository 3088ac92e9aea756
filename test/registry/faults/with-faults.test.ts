import { describe, expect, it, vi } from "vitest";
import { type Effect, faults, newRegistry, withFaults } from "../../../src/registry/index.js";
import { digestOf, pushManifest, send } from "../exchange.js";

const { status } = faults;

/** Answers with 200 and what was asked for. */
const echo = async (request: Request): Promise<Response> => new Response(`${request.method} ${request.url}`);

async function statusesOf(
  handler: (request: Request) => Promise<Response>,
  requests: readonly string[],
): Promise<number[]> {
  const statuses: number[] = [];
  for (const request of requests) {
    const [method = "", path = ""] = request.split(" ");
    statuses.push((await send(handler, method, path)).status);
  }
  return statuses;
}

describe("withFaults", () => {
  it("changes nothing without faults", async () => {
    const handler = withFaults(echo, []);
    expect(await (await send(handler, "PUT", "/a?b")).text()).toBe("PUT http://registry.test/a?b");
    expect(handler.strikes).toEqual([]);
  });

  it("strikes the first request that matches, once", async () => {
    const handler = withFaults(echo, [{ method: "PATCH", effect: status(503) }]);
    expect(await statusesOf(handler, ["GET /a", "PATCH /a", "PATCH /a", "GET /a"])).toEqual([
      200, 503, 200, 200,
    ]);
  });

  it("strikes the nth, and as many as it is told", async () => {
    const handler = withFaults(echo, [{ nth: 2, times: 2, effect: status(503) }]);
    expect(await statusesOf(handler, ["GET /1", "GET /2", "GET /3", "GET /4"])).toEqual([200, 503, 503, 200]);
    const forever = withFaults(echo, [{ nth: 3, times: Infinity, effect: status(503) }]);
    expect(await statusesOf(forever, ["GET /1", "GET /2", "GET /3", "GET /4"])).toEqual([200, 200, 503, 503]);
  });

  it("matches methods, path with query, and any condition, all together", async () => {
    const handler = withFaults(echo, [
      {
        method: ["PUT", "POST"],
        path: /\/uploads\/.*digest=/g,
        when: (request) => request.headers.has("x"),
        times: Infinity,
        effect: status(503),
      },
    ]);
    const ask = async (method: string, path: string, headers: Record<string, string>): Promise<number> =>
      (await send(handler, method, path, { headers })).status;
    for (let round = 0; round < 3; round++) {
      expect(await ask("PUT", "/uploads/1?digest=x", { x: "1" })).toBe(503);
      expect(await ask("POST", "/uploads/?digest=x", { x: "1" })).toBe(503);
      expect(await ask("PATCH", "/uploads/1?digest=x", { x: "1" })).toBe(200);
      expect(await ask("PUT", "/uploads/1", { x: "1" })).toBe(200);
      expect(await ask("PUT", "/uploads/1?digest=x", {})).toBe(200);
    }
  });

  it("counts for each fault by itself, whatever other faults do to the request", async () => {
    const handler = withFaults(echo, [
      { effect: status(500) },
      { nth: 2, effect: status(502) },
      { method: "PUT", effect: status(503) },
    ]);
    expect(await statusesOf(handler, ["GET /", "GET /", "PUT /", "PUT /"])).toEqual([500, 502, 503, 200]);
  });

  it("puts the first of several around the others", async () => {
    const order: string[] = [];
    const step =
      (name: string): Effect =>
      async (request, next) => {
        order.push(`${name} in`);
        const response = await next(request);
        order.push(`${name} out`);
        return response;
      };
    await send(withFaults(echo, [{ effect: step("a") }, { effect: step("b") }]), "GET", "/");
    expect(order).toEqual(["a in", "b in", "b out", "a out"]);
  });

  it("tells what it struck, in order", async () => {
    const fault = { method: "PATCH", times: 2, effect: status(503) };
    const handler = withFaults(echo, [fault]);
    await statusesOf(handler, ["PATCH /1?x", "GET /2", "PATCH /3", "PATCH /4"]);
    expect(handler.strikes).toEqual([
      { fault, method: "PATCH", path: "/1?x" },
      { fault, method: "PATCH", path: "/3" },
    ]);
  });

  it("gives a handler again, for further faults and to be called by itself", async () => {
    const inner = withFaults(echo, [{ path: /a/, effect: status(500) }]);
    const handler = withFaults(inner, [{ path: /b/, effect: status(502) }]);
    expect(await statusesOf(handler, ["GET /a", "GET /b", "GET /a", "GET /b"])).toEqual([500, 502, 200, 200]);
  });

  it("hands an effect the registry behind it, whose requests are not counted", async () => {
    const registry = newRegistry();
    const spy = vi.fn(registry.fetch);
    const handler = withFaults(spy, [
      {
        method: "PUT",
        effect: async (request, next, behind) => {
          await behind.registry(new Request(request.url));
          return next(request);
        },
      },
      { method: "GET", effect: status(503) },
    ]);
    expect((await pushManifest(handler, "a", "t", "{}")).status).toBe(201);
    expect(spy.mock.calls.map(([request]) => request.method)).toEqual(["GET", "PUT"]);
    expect((await send(handler, "GET", "/v2/a/manifests/t")).status).toBe(503);
    const read = await send(handler, "GET", "/v2/a/manifests/t");
    expect(read.headers.get("Docker-Content-Digest")).toBe(digestOf("{}"));
  });

  it("throws what an effect throws", async () => {
    const handler = withFaults(echo, [
      {
        effect: () => {
          throw new RangeError("no");
        },
      },
    ]);
    await expect(send(handler, "GET", "/")).rejects.toThrow(RangeError);
  });
});
