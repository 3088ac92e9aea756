import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newRegistry } from "../../../src/name/index.js";
import { Client } from "../../../src/remote/auth/client.js";
import { ping } from "../../../src/remote/auth/ping.js";
import { NetworkError } from "../../../src/remote/transport/network-error.js";
import { RegistryError } from "../../../src/remote/transport/registry-error.js";
import { Transport } from "../../../src/remote/transport/transport.js";
import { errors, fetchFailed, redirectless, silence } from "../fixture/fake-registry.js";
import { rejection } from "../fixture/thrown.js";

type Reply = (signal: AbortSignal) => Response | Promise<Response>;

/** Pings a registry that answers by scheme; what was asked, and on which signal, is noted. */
class Scene {
  readonly asked: string[] = [];
  readonly signals: AbortSignal[] = [];
  readonly #replies: Readonly<Record<string, Reply>>;

  constructor(replies: Readonly<Record<string, Reply>>) {
    this.#replies = replies;
  }

  async ping(name: string, signal?: AbortSignal): Promise<string> {
    const transport = new Transport({
      fetch: async (input, init) => {
        const url = new URL(String(input));
        this.asked.push(url.href);
        this.signals.push(init?.signal as AbortSignal);
        const reply = this.#replies[url.href] ?? this.#replies[url.protocol.slice(0, -1)];
        if (reply === undefined) {
          throw fetchFailed("ENOTFOUND");
        }
        return reply(init?.signal as AbortSignal);
      },
    });
    return (await ping(newRegistry(name), transport, signal)).root.href;
  }
}

const ok: Reply = () => new Response("{}");
const refused: Reply = () => {
  throw fetchFailed("ECONNREFUSED");
};

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("ping", () => {
  it("gives the root of a registry's API", async () => {
    const scene = new Scene({ https: ok });
    expect(await scene.ping("registry.example")).toBe("https://registry.example/v2/");
    expect(scene.asked).toEqual(["https://registry.example/v2/"]);
  });

  it("acceptance 58: asks over https alone, once, where the name does not imply http", async () => {
    const scene = new Scene({ https: refused, http: ok });
    const error = await rejection(scene.ping("registry.example"));
    expect(scene.asked).toEqual(["https://registry.example/v2/"]);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ host: "registry.example", causeCode: "ECONNREFUSED", retryable: true });
    expect(error.message).toMatch(
      /^cannot reach the registry at registry\.example \(https: the connection was refused \(ECONNREFUSED\)\): check the name/,
    );
  });

  it("acceptance 58: falls back to http as soon as https fails, where the name implies it", async () => {
    const scene = new Scene({ https: refused, http: ok });
    expect(await scene.ping("localhost:5000")).toBe("http://localhost:5000/v2/");
    expect(scene.asked).toEqual(["https://localhost:5000/v2/", "http://localhost:5000/v2/"]);
  });

  it("prefers https where both would answer, and does not ask over http at all", async () => {
    const scene = new Scene({ https: ok, http: ok });
    expect(await scene.ping("localhost:5000")).toBe("https://localhost:5000/v2/");
    expect(scene.asked).toHaveLength(1);
  });

  it("asks over http after 300 ms beside a silent https, and aborts the loser", async () => {
    const scene = new Scene({ https: silence, http: ok });
    const pinging = scene.ping("localhost:5000");
    await vi.advanceTimersByTimeAsync(299);
    expect(scene.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await pinging).toBe("http://localhost:5000/v2/");
    expect(scene.signals[0]?.aborted).toBe(true);
  });

  it("lets a slow https win against an http that fails, and aborts what is left", async () => {
    let answer!: (response: Response) => void;
    const slow: Reply = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const scene = new Scene({ https: slow, http: refused });
    const pinging = scene.ping("localhost:5000");
    await vi.advanceTimersByTimeAsync(300);
    expect(scene.asked).toHaveLength(2);
    answer(new Response());
    expect(await pinging).toBe("https://localhost:5000/v2/");
    expect(scene.signals[1]?.aborted).toBe(true);
  });

  it("tells of both schemes when neither connects, with both causes, the host and what to check", async () => {
    const scene = new Scene({
      https: () => {
        throw fetchFailed("ERR_SSL_WRONG_VERSION_NUMBER", "wrong version number");
      },
      http: refused,
    });
    const error = await rejection(scene.ping("localhost:5000"));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toBe(
      "cannot reach the registry at localhost:5000 (https: wrong version number (ERR_SSL_WRONG_VERSION_NUMBER); http: the connection was refused (ECONNREFUSED)): check the name and the port, and that a registry is running there",
    );
    const { errors: causes } = error.cause as AggregateError;
    expect(causes.map((cause: NetworkError) => cause.causeCode)).toEqual([
      "ERR_SSL_WRONG_VERSION_NUMBER",
      "ECONNREFUSED",
    ]);
  });

  it("says that a registry wants credentials", async () => {
    const challenge: Reply = () => errors(401, { code: "UNAUTHORIZED", message: "authentication required" });
    const error = await rejection(new Scene({ https: challenge }).ping("registry.example"));
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED", status: 401 });
    expect(error.message).toContain("GET https://registry.example/v2/: UNAUTHORIZED");
    expect(error.message).toContain("wants credentials");
  });

  it("takes a demand for credentials for an answer, and does not ask over http after it", async () => {
    const scene = new Scene({ https: () => new Response(null, { status: 401 }), http: ok });
    expect(await rejection(scene.ping("localhost:5000"))).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED" });
    expect(scene.asked).toHaveLength(1);
  });

  it.each([204, 403, 404, 500])("is refused by status %i", async (status) => {
    const scene = new Scene({ https: () => new Response(null, { status }) });
    expect(await rejection(scene.ping("registry.example"))).toMatchObject({ name: "RegistryError", status });
  });

  it("prefers an answer over a connection that did not come about, which is its cause", async () => {
    const scene = new Scene({ https: refused, http: () => new Response("down", { status: 503 }) });
    const error = await rejection(scene.ping("localhost:5000"));
    expect(error).toMatchObject({ name: "RegistryError", status: 503, url: "http://localhost:5000/v2/" });
    expect(error.cause).toMatchObject({ code: "ERR_VARVE_NETWORK", causeCode: "ECONNREFUSED" });
  });

  it("goes on over https where http redirects to it", async () => {
    const scene = new Scene({
      "https://localhost:5000/v2/": refused,
      "http://localhost:5000/v2/": () => redirectless(308, "https://localhost:5000/v2/checked"),
      "https://localhost:5000/v2/checked": ok,
    });
    expect(await scene.ping("localhost:5000")).toBe("https://localhost:5000/v2/");
  });

  it("stays with the registry's own host when another one answers for it", async () => {
    const scene = new Scene({
      "https://registry.example/v2/": () => redirectless(307, "https://mirror.example/v2/"),
      "https://mirror.example/v2/": ok,
    });
    expect(await scene.ping("registry.example")).toBe("https://registry.example/v2/");
  });

  it("rejects with the signal's reason, and aborts what is under way", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const scene = new Scene({ https: silence, http: silence });
    const pinging = rejection(scene.ping("localhost:5000", controller.signal));
    await vi.advanceTimersByTimeAsync(300);
    controller.abort(reason);
    expect(await pinging).toBe(reason);
    expect(scene.signals.map((signal) => signal.aborted)).toEqual([true, true]);
    expect(scene.asked).toHaveLength(2);
  });
});

it.each([499, 522])("is asked again after a proxy's %i, like whatever stands alone", async (status) => {
  vi.useRealTimers();
  const answers = [status, 200];
  const given: typeof fetch = async () => new Response("{}", { status: answers.shift() ?? 200 });
  const client = new Client({ fetch: given, retryBackoff: { delay: 0 } });
  const { root } = await client.connect(newRegistry("registry.example"), []);
  expect([root.href, answers]).toEqual(["https://registry.example/v2/", []]);
  vi.useFakeTimers();
});
