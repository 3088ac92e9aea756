import { describe, expect, it } from "vitest";
import { newFetch } from "../../../src/node/index.js";
import { useCertificate, useServers } from "./servers.js";

describe("newFetch, told which hosts may have any certificate", () => {
  const { start, startProxy } = useServers();
  const certificate = useCertificate();
  const secure = () => start((_, response) => response.end("here"), certificate());

  /** What comes of asking, or the code of why nothing does. */
  async function outcome(fetch: typeof globalThis.fetch, url: string): Promise<unknown> {
    try {
      return (await fetch(url)).status;
    } catch (error) {
      return ((error as Error).cause as { code?: string }).code;
    }
  }

  it("accepts any of theirs, on every port, and of no other", async () => {
    const [one, other] = [await secure(), await secure()];
    const fetch = newFetch({ env: {}, insecure: ["localhost"] });
    expect(await outcome(fetch, `https://localhost:${one.port}/`)).toBe(200);
    expect(await outcome(fetch, `https://localhost:${other.port}/`)).toBe(200);
    expect(await outcome(fetch, `https://127.0.0.1:${one.port}/`)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(await outcome(fetch, `https://localhost:${one.port}/`)).toBe(200);
  });

  it("accepts none where none is listed", async () => {
    const { port } = await secure();
    const fetch = newFetch({ env: {}, insecure: [] });
    expect(await outcome(fetch, `https://localhost:${port}/`)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  it("knows the certificates of the environment and the caller for the others", async () => {
    const { port } = await secure();
    const { cert, file } = certificate();
    for (const options of [{ env: {}, ca: cert }, { env: { NODE_EXTRA_CA_CERTS: file } }]) {
      const fetch = newFetch({ ...options, insecure: ["registry.test"] });
      expect(await outcome(fetch, `https://127.0.0.1:${port}/`)).toBe(200);
    }
  });

  it("tells hosts apart behind a proxy, and from the proxy, which is shown a password", async () => {
    const { port } = await secure();
    const proxy = await startProxy({ certificate: certificate() });
    const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificate().file };
    const trusting = newFetch({ env: { HTTPS_PROXY: proxy.url }, insecure: ["registry.test"] });
    expect(await outcome(trusting, `https://registry.test:${port}/`)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(proxy.requests).toEqual([]);
    const plain = await startProxy();
    const through = newFetch({ env: { HTTPS_PROXY: plain.url }, insecure: ["registry.test"] });
    expect(await outcome(through, `https://registry.test:${port}/`)).toBe(200);
    expect(await outcome(through, `https://auth.test:${port}/`)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(await outcome(newFetch({ env, insecure: [] }), `https://auth.test:${port}/`)).toBe(200);
  });

  it("takes a name as it is in a URL, in whatever letters, and an address with its brackets or without", async () => {
    const { port } = await secure();
    const fetch = newFetch({ env: {}, insecure: ["LOCALHOST", "[::1]"] });
    expect(await outcome(fetch, `https://localhost:${port}/`)).toBe(200);
  });
});
