import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ConnectionLossError,
  type Fault,
  type FaultyHandler,
  faults,
  newRegistry,
  type Registry,
  withFaults,
} from "../../../src/registry/index.js";
import {
  bytesOf,
  digestOf,
  expectBody,
  expectError,
  noise,
  openUpload,
  pushBlob,
  send,
  streamOf,
} from "../exchange.js";

const blob = noise(1000);
const digest = digestOf(blob);

let registry: Registry;
beforeEach(() => {
  registry = newRegistry();
});
afterEach(async () => {
  await registry.close();
});

const faulty = (...list: Fault[]): FaultyHandler => withFaults(registry.fetch, list);
const held = async (path: string): Promise<string | null> =>
  (await send(registry.fetch, "GET", path)).headers.get("Range");
const isThere = async (): Promise<boolean> =>
  (await send(registry.fetch, "HEAD", `/v2/a/blobs/${digest}`)).status === 200;
const lost = (): unknown => expect.objectContaining({ code: "ERR_VARVE_CONNECTION_LOSS", retryable: true });

/** The blob in pieces of 300 bytes. */
const pieces = (): ReadableStream<Uint8Array> =>
  streamOf([0, 300, 600, 900].map((at) => blob.slice(at, at + 300)));

/** A body that tells how often it was asked for more. */
function watched(): {
  readonly body: ReadableStream<Uint8Array>;
  readonly asked: () => number;
  readonly cancel: () => void;
} {
  let asked = 0;
  const cancel = vi.fn();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        asked += 1;
        controller.enqueue(new Uint8Array(100));
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
  return { body, asked: () => asked, cancel };
}

describe("faults.status", () => {
  it("answers in the registry's place, with an error of the protocol's form", async () => {
    const seen = vi.fn(registry.fetch);
    const handler = withFaults(seen, [
      { effect: faults.status(429, { headers: { "Retry-After": "7" } }) },
      { effect: faults.status(503), nth: 2 },
      { effect: faults.status(403, { code: "DENIED", message: "not you" }), nth: 3 },
    ]);
    const busy = await send(handler, "GET", "/v2/");
    expect(busy.headers.get("Retry-After")).toBe("7");
    await expectError(busy, 429, "TOOMANYREQUESTS");
    await expectError(await send(handler, "GET", "/v2/"), 503, "UNKNOWN");
    const denied = await send(handler, "GET", "/v2/");
    expect(await denied.json()).toEqual({ errors: [{ code: "DENIED", message: "not you" }] });
    expect(seen).not.toHaveBeenCalled();
  });

  it("says what it is told to, word for word, and nothing where there is no body", async () => {
    const handler = faulty(
      { effect: faults.status(502, { body: "<html>bad gateway", headers: { "Content-Type": "text/html" } }) },
      { effect: faults.status(307, { headers: { Location: "http://elsewhere.test/" } }), nth: 2 },
      { effect: faults.status(404), nth: 3 },
      { effect: faults.status(204, { body: "x" }), nth: 4 },
    );
    const proxy = await send(handler, "GET", "/v2/");
    expect([proxy.status, await proxy.text(), proxy.headers.get("Content-Type")]).toEqual([
      502,
      "<html>bad gateway",
      "text/html",
    ]);
    const redirect = await send(handler, "GET", "/v2/");
    expect([redirect.status, redirect.body, redirect.headers.get("Location")]).toEqual([
      307,
      null,
      "http://elsewhere.test/",
    ]);
    const head = await send(handler, "HEAD", "/v2/");
    expect([head.status, head.body]).toEqual([404, null]);
    expect((await send(handler, "GET", "/v2/")).body).toBeNull();
  });

  it("takes nothing of a body, or as much as it is told", async () => {
    const handler = faulty(
      { effect: faults.status(503) },
      { effect: faults.status(503, { afterBytes: 250 }), nth: 2 },
      { effect: faults.status(503, { afterBytes: Infinity }), nth: 3 },
    );
    const [none, some] = [watched(), watched()];
    await send(handler, "PATCH", "/v2/a/blobs/uploads/x", { body: none.body });
    await send(handler, "PATCH", "/v2/a/blobs/uploads/x", { body: some.body });
    expect([none.asked(), some.asked()]).toEqual([0, 3]);
    await vi.waitFor(() => expect(some.cancel).toHaveBeenCalled());
    const all = pieces();
    await send(handler, "PATCH", "/v2/a/blobs/uploads/x", { body: all });
    expect((await send(handler, "GET", "/v2/")).status).toBe(200);
  });
});

describe("faults.dropConnection", () => {
  it("breaks before the registry gets the request", async () => {
    const path = await openUpload(registry.fetch, "a");
    const { body, asked, cancel } = watched();
    const handler = faulty({ method: "PATCH", effect: faults.dropConnection() });
    await expect(send(handler, "PATCH", path, { body })).rejects.toEqual(lost());
    expect([asked(), await held(path)]).toEqual([0, "0-0"]);
    await vi.waitFor(() => expect(cancel).toHaveBeenCalled());
    expect((await send(handler, "PATCH", path, { body: blob })).status).toBe(202);
  });

  it.each([1, 299, 300, 301, 999])(
    "breaks after %i bytes of the body, which the registry keeps",
    async (afterBytes) => {
      const path = await openUpload(registry.fetch, "a");
      const handler = faulty({ method: "PATCH", effect: faults.dropConnection({ afterBytes }) });
      await expect(send(handler, "PATCH", path, { body: pieces() })).rejects.toEqual(lost());
      expect(await held(path)).toBe(`0-${afterBytes - 1}`);
      const rest = { headers: { "Content-Range": `${afterBytes}-999` }, body: blob.slice(afterBytes) };
      expect((await send(handler, "PATCH", path, rest)).status).toBe(202);
      expect((await send(handler, "PUT", `${path}?digest=${digest}`)).status).toBe(201);
    },
  );

  it("breaks at the end of a body that is shorter, and where there is none, with the request done", async () => {
    const path = await openUpload(registry.fetch, "a");
    const handler = faulty({ times: 2, effect: faults.dropConnection({ afterBytes: 5000 }) });
    await expect(send(handler, "PATCH", path, { body: pieces() })).rejects.toEqual(lost());
    expect(await held(path)).toBe("0-999");
    await expect(send(handler, "PUT", `${path}?digest=${digest}`)).rejects.toEqual(lost());
    expect(await isThere()).toBe(true);
  });

  it("has the cause that a broken connection has for Node's fetch", () => {
    expect(new ConnectionLossError("now").cause).toMatchObject({ code: "ECONNRESET" });
  });
});

describe("faults.loseAnswer", () => {
  it("lets the registry make the blob, and the client not know", async () => {
    const path = await openUpload(registry.fetch, "a");
    const handler = faulty({ method: "PUT", effect: faults.loseAnswer() });
    await expect(send(handler, "PUT", `${path}?digest=${digest}`, { body: blob })).rejects.toEqual(lost());
    expect(await isThere()).toBe(true);
    await expectError(await send(handler, "PUT", `${path}?digest=${digest}`), 404, "BLOB_UPLOAD_UNKNOWN");
  });
});

describe("faults.cutAnswer and faults.corruptAnswer", () => {
  it("breaks the answer after so many bytes", async () => {
    await pushBlob(registry.fetch, "a", blob);
    const handler = faulty({ method: "GET", effect: faults.cutAnswer(400) });
    const response = await send(handler, "GET", `/v2/a/blobs/${digest}`);
    expect(response.headers.get("Content-Length")).toBe("1000");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const got: number[] = [];
    const readAll = async (): Promise<void> => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) got.push(...next.value);
    };
    await expect(readAll()).rejects.toEqual(lost());
    expect(digestOf(new Uint8Array(got))).toBe(digestOf(blob.slice(0, 400)));
    const rest = await send(handler, "GET", `/v2/a/blobs/${digest}`, { headers: { Range: "bytes=400-" } });
    await expectBody(rest, blob.slice(400));
  });

  it("makes one byte wrong, and leaves what is stored as it is", async () => {
    await pushBlob(registry.fetch, "a", blob);
    const handler = faulty({ method: "GET", effect: faults.corruptAnswer(700) });
    const wrong = await bytesOf(await send(handler, "GET", `/v2/a/blobs/${digest}`));
    const differing = [...wrong.keys()].filter((index) => wrong[index] !== blob[index]);
    expect([wrong.length, differing]).toEqual([1000, [700]]);
    await expectBody(await send(handler, "GET", `/v2/a/blobs/${digest}`), blob);
  });
});

describe("faults.delay", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("holds a request back for a time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const done = vi.fn();
    const answered = send(faulty({ effect: faults.delay(50) }), "GET", "/v2/").then(done);
    await vi.advanceTimersByTimeAsync(49);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await answered;
    expect(done.mock.calls[0]?.[0]).toMatchObject({ status: 200 });
  });

  it("holds it back for longer than a timer can wait, too", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const done = vi.fn();
    void send(faulty({ effect: faults.delay(2 ** 31) }), "GET", "/v2/").then(done);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).not.toHaveBeenCalled();
  });

  it.each([50_000, Infinity])(
    "ends after %s ms, or with the reason of an abort, and the registry never sees it",
    async (milliseconds) => {
      const seen = vi.fn(registry.fetch);
      const handler = withFaults(seen, [{ effect: faults.delay(milliseconds), times: 2 }]);
      const controller = new AbortController();
      const request = new Request("http://registry.test/v2/", { signal: controller.signal });
      const answered = handler(request);
      controller.abort(new Error("enough"));
      await expect(answered).rejects.toThrow("enough");
      await expect(handler(request)).rejects.toThrow("enough");
      expect(seen).not.toHaveBeenCalled();
    },
  );
});

describe("faults.headers", () => {
  it("sets and removes headers of the real answer", async () => {
    const handler = faulty({
      method: "POST",
      effect: faults.headers({ Location: null, "OCI-Chunk-Min-Length": "5", Range: "0-1" }),
    });
    const response = await send(handler, "POST", "/v2/a/blobs/uploads/");
    expect(response.status).toBe(202);
    expect(response.headers.get("Location")).toBeNull();
    expect(response.headers.get("OCI-Chunk-Min-Length")).toBe("5");
    expect(response.headers.get("Range")).toBe("0-1");
    expect(response.headers.get("Docker-Upload-UUID")).not.toBeNull();
  });
});

describe("faults.cap", () => {
  const chunk = (
    handler: FaultyHandler,
    path: string,
    first: number,
    last: number,
    length = true,
  ): Promise<Response> =>
    send(handler, "PATCH", path, {
      headers: {
        "Content-Range": `${first}-${last}`,
        ...(length ? { "Content-Length": String(last - first + 1) } : {}),
      },
      body: blob.slice(first, last + 1),
    });

  it("answers 413 to a longer body before it reads any of it", async () => {
    const path = await openUpload(registry.fetch, "a");
    const handler = faulty({ method: "PATCH", times: Infinity, effect: faults.cap(400) });
    await expectError(await chunk(handler, path, 0, 400), 413, "SIZE_INVALID");
    expect(await held(path)).toBe("0-0");
    expect((await chunk(handler, path, 0, 399)).status).toBe(202);
  });

  it("answers so when one byte too many came, too, and the registry has those before", async () => {
    const path = await openUpload(registry.fetch, "a");
    const handler = faulty({ method: "PATCH", times: Infinity, effect: faults.cap(400) });
    await expectError(await send(handler, "PATCH", path, { body: pieces() }), 413, "SIZE_INVALID");
    expect(await held(path)).toBe("0-399");
    const exact = await openUpload(registry.fetch, "a");
    expect((await send(handler, "PATCH", exact, { body: streamOf([blob.slice(0, 400)]) })).status).toBe(202);
  });

  it("may hold for chunks alone, and answer as one registry of the world does", async () => {
    const path = await openUpload(registry.fetch, "a");
    const handler = faulty({
      method: "PATCH",
      when: (request) => request.headers.has("Content-Range"),
      times: Infinity,
      effect: faults.cap(400, 416, { message: "body too large" }),
    });
    const refused = await chunk(handler, path, 0, 999);
    expect(await refused.clone().text()).toContain("body too large");
    await expectError(refused, 416, "BLOB_UPLOAD_INVALID");
    expect((await send(handler, "PATCH", path, { body: pieces() })).status).toBe(202);
  });
});

describe("faults of upload sessions", () => {
  const chunk = (handler: FaultyHandler, path: string, first: number, last: number): Promise<Response> =>
    send(handler, "PATCH", path, {
      headers: { "Content-Range": `${first}-${last}` },
      body: blob.slice(first, last + 1),
    });

  it("staleRange: the bytes are stored, and the answer names the range before", async () => {
    const path = await openUpload(registry.fetch, "a");
    const handler = faulty({ method: "PATCH", nth: 2, times: 2, effect: faults.staleRange() });
    expect((await chunk(handler, path, 0, 99)).headers.get("Range")).toBe("0-99");
    const stale = await chunk(handler, path, 100, 199);
    expect([stale.status, stale.headers.get("Range")]).toEqual([202, "0-99"]);
    expect((await send(handler, "GET", path)).headers.get("Range")).toBe("0-199");
    expect((await chunk(handler, path, 200, 299)).headers.get("Range")).toBe("0-199");
  });

  it("forgetBody: 202, and nothing is stored", async () => {
    const path = await openUpload(registry.fetch, "a");
    const handler = faulty({ method: "PATCH", nth: 2, effect: faults.forgetBody() });
    await chunk(handler, path, 0, 99);
    const forgotten = await chunk(handler, path, 100, 199);
    expect([forgotten.status, forgotten.headers.get("Range")]).toEqual([202, "0-99"]);
    expect(forgotten.headers.get("Location")).toBe(path);
    expect(await held(path)).toBe("0-99");
    expect((await chunk(handler, path, 100, 199)).headers.get("Range")).toBe("0-199");
    const gone = faulty({ effect: faults.forgetBody() });
    await expectError(
      await send(gone, "PATCH", "/v2/a/blobs/uploads/x", { body: blob }),
      404,
      "BLOB_UPLOAD_UNKNOWN",
    );
  });

  it("endSession: the session is gone before the request comes", async () => {
    const path = await openUpload(registry.fetch, "a");
    const handler = faulty({ method: "PATCH", nth: 2, effect: faults.endSession() });
    await chunk(handler, path, 0, 99);
    await expectError(await chunk(handler, path, 100, 199), 404, "BLOB_UPLOAD_UNKNOWN");
    await expectError(await send(handler, "GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
  });

  it.each(["PUT", "POST"])("loseBlob: %s is answered with 201, and there is no blob", async (method) => {
    const handler = faulty({ method, path: /digest=/, effect: faults.loseBlob() });
    const push = async (): Promise<Response> => {
      const path = method === "PUT" ? await openUpload(handler, "a") : "/v2/a/blobs/uploads/";
      return send(handler, method, `${path}?digest=${digest}`, { body: blob });
    };
    const answer = await push();
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Location")).toBe(`/v2/a/blobs/${digest}`);
    expect(answer.headers.get("Docker-Content-Digest")).toBe(digest);
    expect(await isThere()).toBe(false);
    expect((await push()).status).toBe(201);
    expect(await isThere()).toBe(true);
  });

  it("loseBlob leaves no session behind, and other requests as they are", async () => {
    registry = newRegistry({ uploadCount: 1 });
    const handler = faulty({ method: ["PUT", "POST"], times: Infinity, effect: faults.loseBlob() });
    for (let round = 0; round < 3; round++) {
      expect(
        (await send(handler, "POST", `/v2/a/blobs/uploads/?digest=${digest}`, { body: blob })).status,
      ).toBe(201);
      const path = await openUpload(handler, "a");
      expect((await send(handler, "PUT", `${path}?digest=${digest}`, { body: blob })).status).toBe(201);
    }
    await expectError(
      await send(handler, "PUT", `/v2/a/blobs/uploads/x?digest=${digest}`),
      404,
      "BLOB_UPLOAD_UNKNOWN",
    );
  });
});

describe("faults.expireCredentials", () => {
  const user = { Authorization: `Basic ${Buffer.from("me:secret").toString("base64")}` };

  it("lets a token count no more from some request on, and a new one count", async () => {
    registry = newRegistry({ auth: { scheme: "bearer", users: { me: "secret" } } });
    const handler = faulty({ method: "PATCH", effect: faults.expireCredentials() });
    const bearer = async (): Promise<Record<string, string>> => {
      const answer = await send(handler, "GET", "/token?scope=repository:a:pull,push", { headers: user });
      return { Authorization: `Bearer ${((await answer.json()) as { token: string }).token}` };
    };
    const first = await bearer();
    const opened = await send(handler, "POST", "/v2/a/blobs/uploads/", { headers: first });
    const path = opened.headers.get("Location") as string;
    const patch = (headers: Record<string, string>): Promise<Response> =>
      send(handler, "PATCH", path, { headers, body: blob });
    await expectError(await patch(first), 401, "UNAUTHORIZED");
    await expectError(await patch(first), 401, "UNAUTHORIZED");
    expect((await send(handler, "GET", path, { headers: first })).status).toBe(401);
    const second = await bearer();
    expect((await send(handler, "GET", path, { headers: second })).headers.get("Range")).toBe("0-0");
    expect((await patch(second)).status).toBe(202);
    const done = await send(handler, "PUT", `${path}?digest=${digest}`, { headers: second });
    expect(done.status).toBe(201);
  });

  it("works with the other faults of sessions, which bring the request's credentials", async () => {
    registry = newRegistry({ auth: { scheme: "basic", users: { me: "secret" } } });
    const handler = faulty(
      { method: "PATCH", effect: faults.forgetBody() },
      { method: "PUT", effect: faults.loseBlob() },
      { method: "POST", path: /digest=/, effect: faults.loseBlob() },
    );
    const opened = await send(handler, "POST", "/v2/a/blobs/uploads/", { headers: user });
    const path = opened.headers.get("Location") as string;
    expect((await send(handler, "PATCH", path, { headers: user, body: blob })).status).toBe(202);
    expect((await send(handler, "PUT", `${path}?digest=${digest}`, { headers: user })).status).toBe(201);
    const whole = `/v2/a/blobs/uploads/?digest=${digest}`;
    expect((await send(handler, "POST", whole, { body: blob })).status).toBe(401);
  });
});
