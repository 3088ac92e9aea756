import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { VarveError } from "../../../src/core/index.js";
import { list } from "../../../src/remote/index.js";
import { NetworkError } from "../../../src/remote/transport/network-error.js";
import { RegistryError } from "../../../src/remote/transport/registry-error.js";
import { onceOnly, type RetryBackoff, RetryPolicy } from "../../../src/remote/transport/retry.js";
import type { Answer } from "../../../src/remote/transport/transport.js";
import { FakeRegistry, fetchFailed } from "../fixture/fake-registry.js";
import { rejection } from "../fixture/thrown.js";

function answer(status: number, headers: Record<string, string> = {}): Answer {
  return {
    method: "GET",
    url: new URL("https://registry.example/v2/"),
    response: new Response(null, { status, headers }),
    authorized: false,
    conceal: (text: string) => text,
  };
}

/** Gives one outcome after the other, and counts. */
function outcomes(...list: (Answer | Error)[]): { send(): Promise<Answer>; asked(): number } {
  let asked = 0;
  return {
    asked: () => asked,
    async send() {
      const outcome = list[Math.min(asked++, list.length - 1)];
      if (outcome instanceof Error) throw outcome;
      return outcome as Answer;
    },
  };
}

function broken(code = "ECONNRESET"): NetworkError {
  return new NetworkError("lost", { host: "registry.example", cause: fetchFailed(code) });
}

/** How the waiting goes by, in milliseconds of each. */
let waits: number[];

beforeEach(() => {
  waits = [];
  vi.spyOn(Math, "random").mockReturnValue(0);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((call: () => void, wait: number) => {
    waits.push(wait);
    queueMicrotask(call);
    return 0;
  }) as unknown as typeof setTimeout);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a request that stands alone", () => {
  it.each([408, 429, 499, 500, 502, 503, 504, 522])(
    "is made three times where it is answered with %i",
    async (status) => {
      const { send, asked } = outcomes(answer(status));
      expect((await new RetryPolicy().send(send)).response.status).toBe(status);
      expect(asked()).toBe(3);
      expect(waits).toEqual([1000, 3000]);
    },
  );

  it.each([200, 202, 301, 400, 401, 403, 404, 416, 501])(
    "is made once where it is answered with %i",
    async (status) => {
      const { send, asked } = outcomes(answer(status));
      await new RetryPolicy().send(send);
      expect(asked()).toBe(1);
    },
  );

  it("ends with the first answer that stands", async () => {
    const { send, asked } = outcomes(answer(503), broken(), answer(200));
    expect((await new RetryPolicy().send(send)).response.status).toBe(200);
    expect(asked()).toBe(3);
  });

  it.each(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "ConnectionClosed", "EAI_AGAIN"])(
    "is made again after %s",
    async (code) => {
      const { send, asked } = outcomes(broken(code));
      await rejection(new RetryPolicy().send(send));
      expect(asked()).toBe(3);
    },
  );

  it.each(["ECONNREFUSED", "ENOTFOUND", "CERT_HAS_EXPIRED", "UND_ERR_HEADERS_TIMEOUT"])(
    "is not made again after %s",
    async (code) => {
      const { send, asked } = outcomes(broken(code));
      await rejection(new RetryPolicy().send(send));
      expect(asked()).toBe(1);
    },
  );

  it.each([
    "Network connection lost.",
    "error sending request: connection reset",
    "The connection was closed",
  ])("is made again where a runtime without codes says %j", async (words) => {
    const lost = new NetworkError("lost", { host: "registry.example", cause: new TypeError(words) });
    const { send, asked } = outcomes(lost, answer(200));
    await new RetryPolicy().send(send);
    expect(asked()).toBe(2);
  });

  it("acceptance 63: waits as long as it is told to, if that is longer", async () => {
    const told = outcomes(
      answer(429, { "retry-after": "7" }),
      answer(429, { "retry-after": "0" }),
      answer(200),
    );
    await new RetryPolicy().send(told.send);
    expect(waits).toEqual([7000, 3000]);
  });

  it("waits a little longer at random, so that many do not come back at a time", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    await new RetryPolicy().send(outcomes(answer(503)).send);
    expect(waits).toEqual([1050, 3150]);
  });

  it("is tried as the options say", async () => {
    const { send, asked } = outcomes(answer(418));
    const retryBackoff = { attempts: 4, delay: 10, factor: 2, jitter: 0 };
    await new RetryPolicy({ retryBackoff, retryStatusCodes: [418] }).send(send);
    expect([asked(), waits]).toEqual([4, [10, 20, 40]]);
    const lost = outcomes(broken());
    await rejection(new RetryPolicy({ retryPredicate: () => false }).send(lost.send));
    expect(lost.asked()).toBe(1);
    const once = outcomes(answer(503));
    await onceOnly.send(once.send);
    expect(once.asked()).toBe(1);
  });

  it("waits no longer than a timer can, and not at once, where the options say more than that", async () => {
    const { send } = outcomes(answer(503), answer(200));
    await new RetryPolicy({ retryBackoff: { delay: 2 ** 31 } }).send(send);
    expect(waits).toEqual([2 ** 31 - 1]);
  });

  it("rids each answer that does not stand of its body", async () => {
    const first = answer(503);
    const response = new Response("try later", { status: 503 });
    await new RetryPolicy().send(outcomes({ ...first, response }, answer(200)).send);
    expect(response.bodyUsed).toBe(true);
  });
});

describe("waiting before another try", () => {
  it("ends at once when it is aborted, and leaves no timer and no listener", async () => {
    vi.restoreAllMocks();
    vi.useFakeTimers();
    try {
      const controller = new AbortController();
      const remove = vi.spyOn(controller.signal, "removeEventListener");
      const waiting = rejection(new RetryPolicy().pause(1, undefined, controller.signal));
      const reason = new Error("enough");
      controller.abort(reason);
      expect(await waiting).toBe(reason);
      expect(vi.getTimerCount()).toBe(0);
      expect(remove).toHaveBeenCalled();
      expect(await rejection(new RetryPolicy().pause(1, 5, controller.signal))).toBe(reason);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("leaves a failure of its own what it is, though the clean-up after it is aborted", async () => {
    const controller = new AbortController();
    const failure = new VarveError("ERR_VARVE_TEST", "the disk is gone");
    const work = async (): Promise<never> => {
      controller.abort(new Error("enough"));
      throw failure;
    };
    expect(await rejection(new RetryPolicy().run(work, controller.signal))).toBe(failure);
  });

  it("does not happen after an abortion", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const work = async (): Promise<never> => {
      controller.abort(reason);
      throw broken();
    };
    expect(await rejection(new RetryPolicy().run(work, controller.signal))).toBe(reason);
    expect(waits).toEqual([]);
  });
});

describe("work that is tried again", () => {
  it.each([
    [503, [], 3],
    [503, ["UNAVAILABLE"], 3],
    [400, ["BLOB_UPLOAD_INVALID"], 3],
    [500, ["DENIED"], 1],
    [500, ["UNKNOWN", "DENIED"], 1],
    [404, [], 1],
  ])(
    "and failed with %i and %j goes by the codes, if there are any: %i tries",
    async (status, codes, tries) => {
      const text = JSON.stringify({ errors: codes.map((code) => ({ code })) });
      const work = vi.fn(async () => {
        throw new RegistryError(answer(status), { text, exceeded: false });
      });
      await rejection(new RetryPolicy().run(work));
      expect(work).toHaveBeenCalledTimes(tries);
    },
  );

  it("waits as long as the registry asks", async () => {
    const work = async (): Promise<never> => {
      throw new RegistryError(answer(429, { "retry-after": "9" }), { text: "", exceeded: false });
    };
    await rejection(new RetryPolicy().run(work));
    expect(waits).toEqual([9000, 9000]);
  });

  it("acceptance 63: of a registry that says 429 three times ends with 429", async () => {
    const registry = new FakeRegistry({
      GET: ({ url }) => (url.endsWith("/v2/") ? new Response() : new Response(null, { status: 429 })),
    });
    const error = await rejection(list(registry.repository, { fetch: registry.fetch }));
    expect(error).toMatchObject({ status: 429 });
    expect(registry.calls).toHaveLength(4);
  });

  it("includes finding the registry", async () => {
    let pings = 0;
    const registry = new FakeRegistry({
      GET: ({ url }) => {
        if (!url.endsWith("/v2/")) return Response.json({ tags: [] });
        return ++pings < 3 ? new Response(null, { status: 503 }) : new Response();
      },
    });
    await list(registry.repository, { fetch: registry.fetch });
    expect(pings).toBe(3);
  });
});

describe("the numbers of a backoff", () => {
  it.each<[string, RetryBackoff, string]>([
    [
      "no number of attempts, of which none would be the last",
      { attempts: Number.NaN },
      "attempts is NaN: give a number, at least 1",
    ],
    ["no attempt", { attempts: 0 }, "attempts is 0: give a number, at least 1"],
    ["a wait that is no number", { delay: Number.NaN }, "delay is NaN: give a number, at least 0"],
    ["a negative factor", { factor: -3 }, "factor is -3: give a number, at least 0"],
    ["a text", { jitter: "much" as unknown as number }, "jitter is much: give a number, at least 0"],
  ])("are refused when they are %s", async (_, retryBackoff, message) => {
    const registry = new FakeRegistry({});
    const listing = async () => list(registry.repository, { fetch: registry.fetch, retryBackoff });
    expect(await rejection(listing())).toMatchObject({
      code: "ERR_VARVE_REMOTE_OPTION",
      message: `retryBackoff.${message}`,
    });
  });
});
