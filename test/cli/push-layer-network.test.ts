import type { RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import { type Certificate, useCertificate, useServers } from "../node/fetch/servers.js";
import { noise } from "./fixture/bytes.js";
import { run } from "./fixture/command.js";

/** A registry that takes every blob. */
const registry: RequestListener = (request, response) => {
  const statuses: Record<string, number> = { GET: 200, POST: 202, PATCH: 202, PUT: 201 };
  request.resume();
  request.once("end", () => {
    response.writeHead(statuses[request.method ?? ""] ?? 405, { location: "/v2/app/blobs/uploads/1" }).end();
  });
};

describe("varve push-layer, over the network", () => {
  const { start, startProxy } = useServers();
  const certificate = useCertificate();
  const bare = { HTTPS_PROXY: "", https_proxy: "", NO_PROXY: "", no_proxy: "", SSL_CERT_FILE: "" };

  const push = (authority: string, flags: string[] = [], env: Record<string, string> = {}) =>
    run(["push-layer", `${authority}/app`, ...flags], noise(100_000), { env: { ...bare, ...env } });
  const secure = (known: Certificate) => start(registry, known);

  it("refuses a certificate that nobody knows, and ends with exit code 5", async () => {
    const { port } = await secure(certificate());
    const { code, stderr } = await push(`localhost:${port}`);
    expect(code).toBe(5);
    expect(stderr).toMatch(/^varve: [^\n]*certificate was not accepted[^\n]*\n$/);
  });

  it("accepts any with --insecure, and one of a file that SSL_CERT_FILE or NODE_EXTRA_CA_CERTS names", async () => {
    const { port } = await secure(certificate());
    const { file } = certificate();
    const endings = await Promise.all([
      push(`localhost:${port}`, ["--insecure"]),
      push(`localhost:${port}`, [], { SSL_CERT_FILE: file }),
      push(`localhost:${port}`, [], { NODE_EXTRA_CA_CERTS: file }),
    ]);
    expect(endings.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array.from({ length: 3 }, () => ({ code: 0, stderr: "" })),
    );
  });

  it("says what is wrong with a file of certificates", async () => {
    const { stderr } = await push("registry.invalid", [], { SSL_CERT_FILE: "/missing.pem" });
    expect(stderr).toMatch(
      /^varve: [^\n]*cannot read \/missing\.pem \(ENOENT\), which SSL_CERT_FILE names[^\n]*\n$/,
    );
  });

  it("goes through the proxy that the environment names, which alone knows the host", async () => {
    const { port } = await secure(certificate());
    const proxy = await startProxy();
    const env = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: certificate().file };
    const { code, stderr } = await push(`registry.test:${port}`, [], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(new Set(proxy.requests)).toEqual(new Set([`CONNECT registry.test:${port}`]));
  });

  it("tells of a proxy that wants a password, and not which was tried", async () => {
    const proxy = await startProxy({ authorization: "other" });
    const env = { HTTPS_PROXY: proxy.url.replace("http://", "http://user:s3cret@") };
    const { code, stderr } = await push("registry.test:5999", ["--verbose"], env);
    expect(code).toBe(5);
    expect(stderr).toContain("wants a user name and a password");
    expect(stderr).not.toContain("s3cret");
  });
});
