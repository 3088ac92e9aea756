import { ConnectionLossError, faults, fetchOf, newRegistry, withFaults } from "varve/registry";
import { concat, randomBytes } from "../fixtures/bytes.js";
import { equal, refuses, sameBytes } from "./assert.js";
import { sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

const HOST = "http://localhost:5000";

interface Sending {
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

function request(method: string, path: string, { headers = {}, body }: Sending = {}): Request {
  const init: RequestInit & { duplex?: "half" } = { method, headers };
  if (body !== undefined) {
    init.body = body as BodyInit;
    init.duplex = "half";
  }
  return new Request(new URL(path, HOST), init);
}

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** What a registry does beside taking layers: it knows its users, and fails as it is told to. */
export const embeddedRegistry: Suite = (test) => {
  test("a registry gives its user tokens, and a fault lets one expire", async () => {
    const registry = newRegistry({ auth: { scheme: "bearer", users: { me: "sécret" } } });
    const handler = withFaults(registry.fetch, [{ method: "PUT", effect: faults.expireCredentials() }]);
    const challenge = await handler(request("GET", "/v2/"));
    equal(challenge.status, 401);
    equal(
      challenge.headers.get("WWW-Authenticate"),
      `Bearer realm="${HOST}/token",service="localhost:5000"`,
      "the challenge",
    );
    const login = btoa(String.fromCharCode(...new TextEncoder().encode("me:sécret")));
    const bearer = async (): Promise<Record<string, string>> => {
      const answer = await handler(
        request("GET", "/token?scope=repository:a:pull,push", {
          headers: { Authorization: `Basic ${login}` },
        }),
      );
      equal(answer.status, 200, "the status of the token");
      return { Authorization: `Bearer ${((await answer.json()) as { token: string }).token}` };
    };
    const first = await bearer();
    const manifest = new TextEncoder().encode("{}");
    const put = (headers: Record<string, string>): Request =>
      request("PUT", "/v2/a/manifests/t", {
        headers: { ...headers, "Content-Type": "application/x" },
        body: manifest,
      });
    equal((await handler(put(first))).status, 401, "the status with the token that expired");
    equal((await handler(put(first))).status, 401, "the status with it once more");
    equal((await handler(put(await bearer()))).status, 201, "the status with a new token");
    await registry.close();
  });

  test("an upload goes on where a fault broke its connection, and is held to its SHA-512", async () => {
    const registry = newRegistry();
    const handler = withFaults(registry.fetch, [
      { method: "PATCH", effect: faults.dropConnection({ afterBytes: 150_000 }) },
    ]);
    const [head, tail] = [randomBytes(100_000, 51), randomBytes(100_001, 52)];
    const opened = await handler(request("POST", "/v2/a/blobs/uploads/?digest-algorithm=sha512"));
    const path = opened.headers.get("Location") ?? "";
    await refuses(() => handler(request("PATCH", path, { body: streamOf(head, tail) })), ConnectionLossError);
    equal((await handler(request("GET", path))).headers.get("Range"), "0-149999", "what is held");
    const rest = { headers: { "Content-Range": "150000-200000" }, body: streamOf(tail.subarray(50_000)) };
    equal((await handler(request("PATCH", path, rest))).status, 202);

    const blob = concat(head, tail);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-512", blob));
    const digest = `sha512:${[...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    equal((await handler(request("PUT", `${path}?digest=${digest}`))).status, 201, "the status of the PUT");
    const pulled = await handler(request("GET", `/v2/a/blobs/${digest}`));
    sameBytes(new Uint8Array(await pulled.arrayBuffer()), blob);
    await registry.close();
  });

  test("fetchOf fails as the network does", async () => {
    const registry = newRegistry();
    const body = randomBytes(1000, 53);
    const digest = `sha256:${await sha256Hex(body)}`;
    const ask = fetchOf(withFaults(registry.fetch, [{ method: "POST", effect: faults.loseAnswer() }]));
    const url = `${HOST}/v2/a/blobs/uploads/?digest=${digest}`;
    await refuses(() => ask(url, { method: "POST", body }), TypeError);
    equal((await ask(`${HOST}/v2/a/blobs/${digest}`)).status, 200, "the status of the blob that was pushed");
    await registry.close();
  });
};
