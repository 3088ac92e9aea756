import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isExempt } from "../../../src/node/fetch/no-proxy.js";
import { proxyFor } from "../../../src/node/fetch/proxy.js";
import { FetchOptionsError } from "../../../src/node/index.js";

const http = new URL("http://registry.example/v2/");
const https = new URL("https://registry.example/v2/");

describe("proxyFor", () => {
  it("is by the scheme of the request", () => {
    const environment = { HTTP_PROXY: "http://a.example:1", HTTPS_PROXY: "https://b.example:2" };
    expect(proxyFor(http, environment)?.origin).toBe("http://a.example:1");
    expect(proxyFor(https, environment)?.origin).toBe("https://b.example:2");
    expect(proxyFor(https, { HTTP_PROXY: "http://a.example:1" })).toBeUndefined();
    expect(proxyFor(http, {})).toBeUndefined();
  });

  it("takes the spelling in small letters first, and nothing for empty", () => {
    expect(proxyFor(http, { http_proxy: "http://s.example", HTTP_PROXY: "http://c.example" })?.origin).toBe(
      "http://s.example",
    );
    expect(proxyFor(http, { http_proxy: "", HTTP_PROXY: "http://c.example" })?.origin).toBe(
      "http://c.example",
    );
    expect(proxyFor(http, { http_proxy: "", HTTP_PROXY: "" })).toBeUndefined();
  });

  it("does not let the client of a CGI program name the proxy", () => {
    const environment = {
      REQUEST_METHOD: "GET",
      HTTP_PROXY: "http://evil.example",
      HTTPS_PROXY: "http://b.example",
    };
    expect(proxyFor(http, environment)).toBeUndefined();
    expect(proxyFor(https, environment)?.origin).toBe("http://b.example");
    expect(proxyFor(http, { ...environment, http_proxy: "http://s.example" })?.origin).toBe(
      "http://s.example",
    );
  });

  it("takes a host and port without a scheme for http", () => {
    expect(proxyFor(http, { http_proxy: "proxy.example:3128" })?.origin).toBe("http://proxy.example:3128");
  });

  it("takes name and password out of the URL, unescaped", () => {
    expect(proxyFor(http, { http_proxy: "http://us%3Aer:p%40ss@proxy.example:3128/" })).toEqual({
      origin: "http://proxy.example:3128",
      authorization: `Basic ${Buffer.from("us:er:p@ss").toString("base64")}`,
    });
    expect(proxyFor(http, { http_proxy: "http://100%@proxy.example" })?.authorization).toBe(
      `Basic ${Buffer.from("100%:").toString("base64")}`,
    );
    expect(proxyFor(http, { http_proxy: "proxy.example" })?.authorization).toBeUndefined();
  });

  it.each([
    "socks5://u:s3cret@proxy.example",
    "http://u:s3cret@",
    "ftp://s3cret",
    "http://[s3cret",
    "://s3cret",
  ])("refuses %s, names the variable, and does not repeat what it holds", (text) => {
    expect(() => proxyFor(https, { HTTPS_PROXY: text })).toThrow(FetchOptionsError);
    expect(() => proxyFor(https, { HTTPS_PROXY: text })).toThrow(
      /^the environment variable HTTPS_PROXY (?!.*s3cret)/,
    );
    expect(proxyFor(http, { HTTPS_PROXY: text })).toBeUndefined();
  });

  it.each([
    "http://localhost:5000",
    "http://127.0.0.1:5000",
    "http://127.9.9.9",
    "http://[::1]:5000",
    "http://a.localhost",
  ])("never sends what is for %s to a proxy", (url) => {
    expect(proxyFor(new URL(url), { http_proxy: "http://proxy.example" })).toBeUndefined();
  });

  it("keeps to NO_PROXY in either spelling, the one in small letters first", () => {
    const proxied = { https_proxy: "http://proxy.example" };
    expect(proxyFor(https, { ...proxied, NO_PROXY: "registry.example" })).toBeUndefined();
    expect(proxyFor(https, { ...proxied, no_proxy: "registry.example" })).toBeUndefined();
    expect(proxyFor(https, { ...proxied, no_proxy: "other", NO_PROXY: "*" })).toBeDefined();
  });
});

describe("isExempt", () => {
  it.each([
    ["https://a.example", "*"],
    ["https://a.example", "b.example, a.example"],
    ["https://a.example", "b.example a.example"],
    ["https://A.Example", "a.EXAMPLE"],
    ["https://a.example.", "a.example"],
    ["https://x.a.example", "a.example"],
    ["https://x.a.example", ".a.example"],
    ["https://x.y.a.example", "*.a.example"],
    ["https://a.example", "a.example:443"],
    ["http://a.example", "a.example:80"],
    ["http://a.example:5000", "a.example:5000"],
    ["http://10.1.2.3", "10.1.2.3"],
    ["http://10.1.2.3:5000", "10.1.2.3:5000"],
    ["http://10.1.2.3", "10.0.0.0/8"],
    ["http://10.1.2.3", "192.168.0.0/16,10.1.2.0/24"],
    ["http://[2001:db8::1]", "2001:db8::1"],
    ["http://[2001:db8::1]", "[2001:db8::1]"],
    ["http://[2001:db8::1]:5000", "[2001:db8:0::1]:5000"],
    ["http://[2001:db8::1]", "2001:db8::/32"],
  ])("lets %s go past the proxy by %s", (url, list) => {
    expect(isExempt(new URL(url), list)).toBe(true);
  });

  it.each([
    ["https://a.example", ""],
    ["https://a.example", ","],
    ["https://a.example", "b.example"],
    ["https://a.example", ".a.example"],
    ["https://a.example", "*.a.example"],
    ["https://xa.example", "a.example"],
    ["https://a.example.evil", "a.example"],
    ["https://a.example", "a.example:8443"],
    ["https://a.example:8443", "a.example:443"],
    ["http://10.1.2.3", "10.1.2"],
    ["http://10.1.2.3", "11.0.0.0/8"],
    ["http://10.1.2.3", "10.1.2.3/33"],
    ["http://10.1.2.3", "10.0.0.0/"],
    ["http://10.1.2.3", "10.0.0.0/x"],
    ["http://10.1.2.3", "/8"],
    ["http://10.1.2.3", "2001:db8::/32"],
    ["http://[2001:db8::1]", "2001:db8::2"],
    ["http://[2001:db8::1]", "10.0.0.0/8"],
    ["https://a.example", "10.0.0.0/8"],
    ["https://3.example", ".3"],
  ])("does not let %s go past the proxy by %s", (url, list) => {
    expect(isExempt(new URL(url), list)).toBe(false);
  });

  it("takes any text for a list", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."*.:/,[]0189af -x") }), (list) => {
        expect(typeof isExempt(https, list)).toBe("boolean");
        expect(typeof isExempt(new URL("http://10.0.0.1:5000"), list)).toBe("boolean");
      }),
    );
  });
});
