import { describe, expect, it, vi } from "vitest";
import { NetworkError } from "../../../src/remote/transport/network-error.js";
import { ProtocolError, UnsafeLocationError } from "../../../src/remote/transport/protocol-error.js";
import { type RegistryRequest, Transport } from "../../../src/remote/transport/transport.js";
import { fetchFailed, redirectless } from "../fixture/fake-registry.js";
import { streamOf } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

type Init = RequestInit & { duplex?: string };

/** A transport over replies that are given in turn, with what it asked for. */
function over(...replies: (Response | Error | Promise<Response>)[]): {
  transport: Transport;
  sent: { url: string; init: Init }[];
} {
  const sent: { url: string; init: Init }[] = [];
  const transport = new Transport({
    userAgent: "test/1",
    fetch: async (url, init = {}) => {
      sent.push({ url: String(url), init });
      const reply = replies.shift();
      if (reply === undefined || reply instanceof Error) {
        throw reply ?? new Error("asked too often");
      }
      return reply;
    },
  });
  return { transport, sent };
}

function to(url: string, method: RegistryRequest["method"] = "GET"): RegistryRequest {
  return { method, url: new URL(url) };
}

describe("Transport", () => {
  it("sends a request with its headers and varve's own, and gives the answer with its URL", async () => {
    const { transport, sent } = over(new Response("hello", { status: 418 }));
    const answer = await transport.send({ ...to("https://r.example/a?b#c"), headers: { accept: "x/y" } });
    expect(answer).toMatchObject({ method: "GET", url: new URL("https://r.example/a?b#c") });
    expect(await answer.response.text()).toBe("hello");
    expect(Object.fromEntries(new Headers(sent[0]?.init.headers))).toMatchObject({
      accept: "x/y",
      "user-agent": expect.stringMatching(/^test\/1 varve\/\d+\.\d+\.\d+/),
    });
    expect(sent[0]?.init).toMatchObject({ method: "GET", redirect: "manual" });
    expect(sent[0]?.init).not.toHaveProperty("body");
  });

  it("marks a streamed body as half duplex, as the Fetch standard asks for", async () => {
    const { transport, sent } = over(new Response());
    const body = streamOf([]);
    await transport.send({ ...to("https://r.example/", "PATCH"), body });
    expect(sent[0]?.init).toMatchObject({ body, duplex: "half" });
  });

  it("uses the runtime's fetch by default, and calls it as nobody's method", async () => {
    const receivers: unknown[] = [];
    vi.stubGlobal("fetch", function (this: unknown) {
      receivers.push(this);
      return Promise.resolve(new Response());
    });
    try {
      await new Transport().send(to("https://r.example/"));
    } finally {
      vi.unstubAllGlobals();
    }
    expect(receivers).toEqual([undefined]);
  });

  it("leaves a failure of fetch as it is that has a type of varve's", async () => {
    const failure = new ProtocolError("a proxy that cannot be");
    expect(await rejection(over(failure).transport.send(to("https://r.example/a")))).toBe(failure);
  });

  it.each([301, 302, 303, 307, 308])("keeps a confidential body on its host at status %i", async (status) => {
    const request = {
      ...to("https://r.example/a", "POST"),
      body: new TextEncoder().encode("secret"),
      confidentialBody: "secret",
    };
    const elsewhere = over(redirectless(status, "/b"), redirectless(status, "https://s.example/b"));
    const error = await rejection(elsewhere.transport.send(request));
    expect(error).toBeInstanceOf(UnsafeLocationError);
    expect(error.message).toContain("refused to follow the redirect to s.example");
    expect(elsewhere.sent.map(({ url }) => url)).toEqual(["https://r.example/a", "https://r.example/b"]);
    const otherPort = over(redirectless(status, "https://r.example:444/a"));
    expect(await rejection(otherPort.transport.send(request))).toBeInstanceOf(UnsafeLocationError);
    expect(otherPort.sent).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])("follows a GET's redirect with status %i", async (status) => {
    const { transport, sent } = over(
      redirectless(status, "/b?c=d"),
      redirectless(status, "https://s.example/e"),
      new Response(),
    );
    const answer = await transport.send(to("https://r.example/a"));
    expect(sent.map(({ url }) => url)).toEqual([
      "https://r.example/a",
      "https://r.example/b?c=d",
      "https://s.example/e",
    ]);
    expect(answer.url.href).toBe("https://s.example/e");
  });

  it.each(["POST", "PUT", "DELETE"] as const)(
    "repeats a %s where a redirect keeps the method, and nowhere else",
    async (method) => {
      const kept = over(
        redirectless(307, "/b"),
        redirectless(308, "/c"),
        new Response(null, { status: 202 }),
      );
      expect((await kept.transport.send(to("https://r.example/a", method))).response.status).toBe(202);
      expect(kept.sent.map(({ init }) => init.method)).toEqual([method, method, method]);
      for (const status of [301, 302, 303]) {
        const { transport, sent } = over(redirectless(status, "/b"));
        expect((await transport.send(to("https://r.example/a", method))).response.status).toBe(status);
        expect(sent).toHaveLength(1);
      }
    },
  );

  it("does not take 300, 304 or an accepted answer with a Location for a redirect", async () => {
    for (const status of [201, 202, 300, 304]) {
      const { transport } = over(redirectless(status, "/b"));
      expect((await transport.send(to("https://r.example/a"))).response.status).toBe(status);
    }
  });

  it("follows ten redirects and no more", async () => {
    const round = (times: number): Response[] =>
      Array.from({ length: times }, () => redirectless(307, "/again"));
    expect(
      (await over(...round(10), new Response()).transport.send(to("https://r.example/"))).response.ok,
    ).toBe(true);
    const { transport, sent } = over(...round(50));
    const error = await rejection(transport.send(to("https://r.example/")));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain("more than 10 redirects");
    expect(sent).toHaveLength(11);
  });

  it("rids a redirect of its body", async () => {
    const moved = new Response("moved", { status: 307, headers: { location: "/b" } });
    await over(moved, new Response()).transport.send(to("https://r.example/a"));
    expect(moved.bodyUsed).toBe(true);
  });

  it.each(["http://r2.example/", "https://169.254.169.254/", "ftp://r.example/"])(
    "acceptance 40: is not redirected to %s",
    async (target) => {
      const { transport, sent } = over(redirectless(307, target));
      expect(await rejection(transport.send(to("https://r.example/")))).toBeInstanceOf(UnsafeLocationError);
      expect(sent).toHaveLength(1);
    },
  );

  it("acceptance 41: says of a redirect without Location that it misses", async () => {
    const { transport } = over(new Response(null, { status: 307 }));
    const error = await rejection(transport.send(to("https://r.example/")));
    expect(error.message).toContain("missing Location header");
  });

  it.each([301, 302, 303, 307, 308])(
    "does not send a streamed body after a redirect with status %i",
    async (status) => {
      const { transport, sent } = over(redirectless(status, "https://s.example/b"));
      const request = { ...to("https://r.example/a", "PATCH"), body: streamOf([]) };
      const error = await rejection(transport.send(request));
      expect(sent).toHaveLength(1);
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error.message).toContain(`redirected the upload to s.example with status ${status}`);
    },
  );

  it.each(["unexpected redirect", "UnexpectedRedirect", "redirect mode is set to error"])(
    "knows a redirected upload by the words of the runtime, such as %s",
    async (words) => {
      const { transport } = over(fetchFailed(words));
      const request = { ...to("https://r.example/a", "PATCH"), body: streamOf([]) };
      const error = await rejection(transport.send(request));
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error.message).toContain("redirected the upload after its data had begun to flow");
      expect(error.cause).toBeInstanceOf(TypeError);
    },
  );

  it("says that a browser hides where a redirect leads", async () => {
    const hidden = new Response();
    Object.defineProperties(hidden, { type: { value: "opaqueredirect" }, status: { value: 0 } });
    const error = await rejection(over(hidden).transport.send(to("https://r.example/v2/")));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain("a browser does not let a page see where to");
  });

  it("makes a typed error of a network failure, with the host and the cause's code", async () => {
    const cause = fetchFailed("ECONNREFUSED");
    const error = await rejection(over(cause).transport.send(to("https://r.example:5000/v2/?token=secret")));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ code: "ERR_VARVE_NETWORK", host: "r.example:5000", cause });
    expect(error.message).toBe(
      "GET https://r.example:5000/v2/?token=REDACTED: no answer from r.example:5000: the connection was refused (ECONNREFUSED)",
    );
  });

  it("hints where the reason may stand when a connection breaks under an upload", async () => {
    const request = { ...to("https://r.example/u", "PATCH"), body: streamOf([]) };
    const error = await rejection(over(fetchFailed("EPIPE")).transport.send(request));
    expect(error.message).toContain("its answer is lost");
  });

  it("sends nothing when its signal is aborted already, and rejects with the reason", async () => {
    const reason = new Error("enough");
    const { transport, sent } = over();
    const request = { ...to("https://r.example/"), signal: AbortSignal.abort(reason) };
    expect(await rejection(transport.send(request))).toBe(reason);
    expect(sent).toEqual([]);
  });

  it("rejects with the reason as soon as the signal is aborted, be the fetch deaf, and cancels a response that comes late", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    let answer!: (response: Response) => void;
    const { transport, sent } = over(
      new Promise<Response>((resolve) => {
        answer = resolve;
      }),
    );
    const sending = transport.send({ ...to("https://r.example/"), signal: controller.signal });
    controller.abort(reason);
    expect(await rejection(sending)).toBe(reason);
    expect(sent[0]?.init.signal).toBe(controller.signal);

    const cancelled = new Promise<void>((resolve) => {
      answer(new Response(new ReadableStream({ cancel: () => resolve() })));
    });
    await cancelled;
  });

  it("gives the signal's reason, not the runtime's words for it, when the fetch heeds the signal", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const transport = new Transport({
      fetch: async () => {
        controller.abort(reason);
        throw new DOMException("This operation was aborted", "AbortError");
      },
    });
    const sending = transport.send({ ...to("https://r.example/"), signal: controller.signal });
    expect(await rejection(sending)).toBe(reason);
  });

  it("leaves no listener on a signal", async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    await over(new Response()).transport.send({ ...to("https://r.example/"), signal });
    await Promise.resolve();
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
      add.mock.calls.map(([, listener]) => listener),
    );
  });
});
