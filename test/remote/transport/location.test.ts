import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { locationOf, withDigest } from "../../../src/remote/transport/location.js";
import { ProtocolError, UnsafeLocationError } from "../../../src/remote/transport/protocol-error.js";
import { emptyHash, newHash } from "../../../src/v1/index.js";
import { thrown } from "../fixture/thrown.js";

const DIGEST = `digest=sha256%3A${emptyHash.hex}`;

function follow(location: string | undefined, from = "https://registry.example/v2/repo/blobs/uploads/"): URL {
  return locationOf({
    method: "POST",
    url: new URL(from),
    authorized: false,
    conceal: (text: string) => text,
    response: new Response(null, { status: 202, headers: location === undefined ? {} : { location } }),
  });
}

describe("locationOf", () => {
  it.each([
    ["absolute", "https://storage.example/u/1", "https://storage.example/u/1"],
    ["absolute, with another port", "https://registry.example:8443/u/1", "https://registry.example:8443/u/1"],
    ["path-only", "/u/1", "https://registry.example/u/1"],
    ["relative", "1", "https://registry.example/v2/repo/blobs/uploads/1"],
    ["relative, upwards", "../1", "https://registry.example/v2/repo/blobs/1"],
    ["without a scheme", "//storage.example/u", "https://storage.example/u"],
    ["a query alone", "?state=1", "https://registry.example/v2/repo/blobs/uploads/?state=1"],
    ["with a query", "/u/1?a=b%2Fc+d&&e=~!$'()*", "https://registry.example/u/1?a=b%2Fc+d&&e=~!$%27()*"],
    ["with a fragment", "/u/1?a#frag", "https://registry.example/u/1?a"],
    ["with space around it", "  /u/1  ", "https://registry.example/u/1"],
  ])("acceptance 39: follows a Location that is %s", (_, location, expected) => {
    expect(follow(location).href).toBe(expected);
  });

  it("acceptance 39: follows a Location from http to https, and within http", () => {
    expect(follow("https://storage.example/u", "http://registry.example/v2/").href).toBe(
      "https://storage.example/u",
    );
    expect(follow("/u", "http://registry.example:5000/v2/").href).toBe("http://registry.example:5000/u");
  });

  it.each([undefined, "", "   "])(
    "acceptance 41: a missing Location (%j) is an error that names the header and the request",
    (location) => {
      const error = thrown(() => follow(location));
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL", retryable: false });
      expect(error.message).toContain("missing Location header");
      expect(error.message).toContain("POST https://registry.example/v2/repo/blobs/uploads/");
    },
  );

  it("tells a page whose registry hides the header which setting exposes it", () => {
    const response = new Response(null, { status: 202 });
    Object.defineProperty(response, "type", { value: "cors" });
    const error = thrown(() =>
      locationOf({
        method: "POST",
        url: new URL("https://registry.example/"),
        response,
        authorized: false,
        conceal: (text: string) => text,
      }),
    );
    expect(error.message).toContain("Access-Control-Expose-Headers");
  });

  it("says what a Location was that is no URL, without letting it steer a terminal", () => {
    const error = thrown(() => follow("https://[broken\u001b[2J"));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain("https://[broken");
    expect(error.message).not.toContain("\u001b");
  });

  it.each([
    "http://127.0.0.1/u",
    "https://127.0.0.1:5000/u",
    "https://2130706433/u",
    "https://0x7f.1/u",
    "https://10.0.0.7/u",
    "https://172.20.0.7/u",
    "https://192.168.0.7/u",
    "https://169.254.169.254/latest/meta-data",
    "https://0.0.0.0/u",
    "https://[::1]/u",
    "https://[::]/u",
    "https://[fe80::1]/u",
    "https://[fd00::1]/u",
    "https://[::ffff:127.0.0.1]/u",
    "https://localhost:2375/u",
    "//127.0.0.1/u",
  ])("acceptance 40: refuses a Location on %s, which is another host and internal", (location) => {
    const error = thrown(() => follow(location));
    expect(error).toBeInstanceOf(UnsafeLocationError);
    expect(error).toMatchObject({ code: "ERR_VARVE_UNSAFE_LOCATION" });
    expect(error.message).toContain("refused to follow Location");
  });

  it.each([
    ["http://127.0.0.1:5000/v2/", "http://127.0.0.1:5000/u"],
    ["http://localhost:5000/v2/", "http://localhost:5000/u"],
    ["http://[::1]:5000/v2/", "http://[::1]:5000/u"],
    ["http://192.168.0.7/v2/", "http://192.168.0.7:80/u"],
    ["http://127.0.0.1:5000/v2/", "/u"],
    ["http://127.0.0.1:5000/v2/", "http://2130706433:5000/u"],
  ])("acceptance 40: a registry at %s may name %s, its own host and port", (from, location) => {
    expect(follow(location, from).href).toBe(new URL(location, from).href);
  });

  it.each([
    ["http://127.0.0.1:5000/v2/", "http://127.0.0.1:5001/u"],
    ["http://127.0.0.1:5000/v2/", "http://127.0.0.2:5000/u"],
    ["http://localhost:5000/v2/", "http://127.0.0.1:5000/u"],
  ])("acceptance 40: a registry at %s may not name %s, its neighbour", (from, location) => {
    expect(() => follow(location, from)).toThrow(UnsafeLocationError);
  });

  it("refuses to go from https down to http", () => {
    const error = thrown(() => follow("http://storage.example/u"));
    expect(error).toBeInstanceOf(UnsafeLocationError);
    expect(error.message).toContain("from https to http");
  });

  it("stays on https where a registry behind TLS names its own host over http", () => {
    expect(follow("http://registry.example/u?a=b").href).toBe("https://registry.example/u?a=b");
    expect(follow("http://registry.example:443/u").href).toBe("https://registry.example/u");
    expect(() => follow("http://registry.example:5000/u")).toThrow(UnsafeLocationError);
  });

  it.each(["ftp://storage.example/u", "file:///etc/passwd", "data:text/plain,x", "javascript:alert(1)"])(
    "refuses the scheme of %s",
    (location) => {
      expect(() => follow(location)).toThrow(UnsafeLocationError);
    },
  );

  it("refuses a Location with credentials in it, and does not show them", () => {
    const error = thrown(() => follow("https://name:secret@storage.example/u"));
    expect(error).toBeInstanceOf(UnsafeLocationError);
    expect(error.message).not.toContain("secret");
  });

  it("shows no value of an upload URL's query when it refuses", () => {
    const error = thrown(() =>
      follow("https://10.0.0.1/u?token=secret", "https://registry.example/v2/?token=secret"),
    );
    expect(error.message).toContain("token=REDACTED");
    expect(error.message).not.toContain("secret");
  });

  it("never leaves http and https, and never leads to an internal host that was not asked, whatever the header says", () => {
    const hostile = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.ipV4().map((host) => `http://${host}/u`),
      fc.ipV6().map((host) => `https://[${host}]/u`),
      fc.string({ unit: "binary-ascii" }),
      fc.webPath(),
    );
    fc.assert(
      fc.property(hostile, fc.boolean(), (text, secure) => {
        const from = `${secure ? "https" : "http"}://registry.example/v2/`;
        let location: URL;
        try {
          location = follow(text, from);
        } catch (error) {
          if (error instanceof ProtocolError || error instanceof UnsafeLocationError) {
            return;
          }
          // Only what `Headers` itself turns down never gets as far.
          expect(error).toBeInstanceOf(TypeError);
          expect(() => new Headers({ location: text })).toThrow(TypeError);
          return;
        }
        expect(secure ? ["https:"] : ["http:", "https:"]).toContain(location.protocol);
        expect(location.hash).toBe("");
        expect(location.username + location.password).toBe("");
        expect(location.hostname).not.toMatch(/^(127|10|0)(\.\d+){3}$|^\[::1?\]$/);
      }),
    );
  });
});

describe("withDigest", () => {
  const add = (url: string): string => withDigest(new URL(url), emptyHash).href;

  it.each([
    ["no query", "https://r/u", `https://r/u?${DIGEST}`],
    ["an empty query", "https://r/u?", `https://r/u?${DIGEST}`],
    ["one parameter", "https://r/u?state=1", `https://r/u?state=1&${DIGEST}`],
    ["encoded parameters", "https://r/u?s=a%2fb%2Bc+d", `https://r/u?s=a%2fb%2Bc+d&${DIGEST}`],
    ["parameters that are no pairs", "https://r/u?=&opaque&&==", `https://r/u?=&opaque&&==&${DIGEST}`],
    ["parameters out of order and twice", "https://r/u?z=1&a=2&z=0", `https://r/u?z=1&a=2&z=0&${DIGEST}`],
    ["a digest", "https://r/u?a=1&digest=sha256:old&b=2", `https://r/u?a=1&b=2&${DIGEST}`],
    ["a query that begins with a question mark", "https://r/u??digest=1", `https://r/u??digest=1&${DIGEST}`],
    ["nothing but digests", "https://r/u?digest=a&digest=b&digest", `https://r/u?${DIGEST}`],
    ["a digest in disguise", "https://r/u?%64igest=old", `https://r/u?${DIGEST}`],
    [
      "parameters that only begin alike",
      "https://r/u?digests=1&Digest=2",
      `https://r/u?digests=1&Digest=2&${DIGEST}`,
    ],
  ])("acceptance 39: adds the digest to a URL with %s", (_, url, expected) => {
    expect(add(url)).toBe(expected);
  });

  it("writes sha512 digests too, and leaves the URL it was given alone", () => {
    const url = new URL("https://r/u?a=1");
    const digest = newHash(`sha512:${"0".repeat(128)}`);
    expect(withDigest(url, digest).searchParams.get("digest")).toBe(String(digest));
    expect(url.href).toBe("https://r/u?a=1");
  });

  it("leaves every other parameter as it was, byte for byte, and is read as one digest", () => {
    const pair = fc.string({ unit: fc.constantFrom(..."abcdigest=%+;:/?@-._~!$'()*,|^`{}\\é😀 ") });
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const url = new URL(`https://r/u?${pairs.join("&")}`);
        const before = url.search.slice(1);
        const after = withDigest(url, emptyHash);
        expect(after.searchParams.getAll("digest")).toEqual([String(emptyHash)]);
        if (!url.searchParams.has("digest")) {
          expect(after.search).toBe(before === "" ? `?${DIGEST}` : `?${before}&${DIGEST}`);
        }
        const others = (search: URLSearchParams): string[][] =>
          [...search].filter(([name]) => name !== "digest");
        expect(others(after.searchParams)).toEqual(others(url.searchParams));
        expect(withDigest(after, emptyHash).href).toBe(after.href);
      }),
    );
  });
});
