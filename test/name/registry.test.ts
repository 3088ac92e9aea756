import { describe, expect, it } from "vitest";
import { VarveError } from "../../src/core/error.js";
import { defaultRegistry, newRegistry, Registry } from "../../src/name/index.js";
import { refusal } from "./refusal.js";

describe("newRegistry", () => {
  it("acceptance 75: an empty name is Docker Hub, and docker.io is rewritten to index.docker.io", () => {
    expect(defaultRegistry).toBe("index.docker.io");
    expect(newRegistry("").name()).toBe("index.docker.io");
    expect(newRegistry("docker.io").name()).toBe("index.docker.io");
    expect(newRegistry("index.docker.io").name()).toBe("index.docker.io");
  });

  it("acceptance 75: the default registry can be another, which docker.io is not affected by", () => {
    expect(newRegistry("", { defaultRegistry: "gcr.io" }).name()).toBe("gcr.io");
    expect(newRegistry("docker.io", { defaultRegistry: "gcr.io" }).name()).toBe("index.docker.io");
    expect(newRegistry("", { defaultRegistry: "docker.io" }).name()).toBe("index.docker.io");
  });

  it("checks the default registry as it checks any other", () => {
    expect(refusal(() => newRegistry("", { defaultRegistry: "evil@host" })).part).toBe("registry");
    expect(refusal(() => newRegistry("", { defaultRegistry: "" })).part).toBe("registry");
  });

  it("acceptance 75: strict names give the registry, even if there is a default", () => {
    const error = refusal(() => newRegistry("", { strict: true, defaultRegistry: "gcr.io" }));
    expect(error.message).toContain("the registry is missing");
    expect(newRegistry("gcr.io", { strict: true }).name()).toBe("gcr.io");
  });

  it.each([
    "gcr.io",
    "gcr.io:9001",
    "us.gcr.io",
    "example.text",
    "example.com.",
    "localhost",
    "localhost:9090",
    "registry",
    "my_registry:5000",
    "xn--bcher-kva.example",
    "1.example.com",
    "10.0.0.1.example.com",
    "127.0.0.1",
    "127.0.0.1:1",
    "8.8.8.8:65535",
    "[::1]",
    "[::1]:5000",
    "[2001:db8::1]:443",
    "gcr.io:443",
  ])("takes %s and gives it back", (name) => {
    for (const strict of [false, true]) {
      const registry = newRegistry(name, { strict });
      expect(registry.name()).toBe(name);
      expect(registry.registryStr()).toBe(name);
      expect(String(registry)).toBe(name);
      expect(JSON.stringify({ registry })).toBe(`{"registry":"${name}"}`);
    }
  });

  it("keeps upper-case letters, and takes no DOCKER.IO for docker.io", () => {
    expect(newRegistry("GCR.io").name()).toBe("GCR.io");
    expect(newRegistry("DOCKER.IO").name()).toBe("DOCKER.IO");
  });

  it("puts the IPv6 loopback address in the brackets that a URL needs", () => {
    expect(newRegistry("::1").name()).toBe("[::1]");
  });

  it.each([
    ["user information", "user@gcr.io", '"@"'],
    ["user and password", "user:password@gcr.io", '"@"'],
    ["a query", "gcr.io?com", '"?"'],
    ["a fragment", "gcr.io#com", '"#"'],
    ["a path", "gcr.io/v2", '"/"'],
    ["a backslash, which URLs read as a slash", "gcr.io\\@evil.example", '"\\\\"'],
    ["a percent sign", "gcr%2eio", '"%"'],
    ["a zone", "[fe80::1%25eth0]:5000", '"%"'],
    ["a space", "white space", '" "'],
    ["a space at the end", "gcr.io ", '" "'],
    ["a tab, which URLs drop", "gcr\t.io", '"\\u0009"'],
    ["a line break, which URLs drop", "gcr.io\n", '"\\u000a"'],
    ["NUL", "gcr.io\u0000", '"\\u0000"'],
    ["DEL", "gcr.io\u007f", '"\\u007f"'],
    ["a full-width letter, which URLs narrow", "\uff47cr.io", '"\\uff47"'],
    ["an ideographic full stop, which URLs read as a dot", "gcr\u3002io", '"\\u3002"'],
    ["a letter that is not ASCII", "b\u00fccher.example", '"\\u00fc"'],
    ["a comma", "a,b.example", '","'],
    ["a lone surrogate", "\ud800.example", '"\\ud800"'],
  ])("refuses %s, and names the character", (_what, name, character) => {
    const error = refusal(() => newRegistry(name));
    expect(error.part).toBe("registry");
    expect(error.message).toContain("is not a valid URL authority");
    expect(error.message).toContain(`character ${character} is not allowed; a host has letters`);
  });

  it.each([
    ["two colons", "gcr.io:1:2"],
    ["no host", ":5000"],
    ["a dot alone", "."],
    ["a parent directory", ".."],
    ["an empty label", "gcr..io"],
    ["an empty first label", ".gcr.io"],
    ["an IPv6 address without brackets", "2001:db8::1"],
    ["half a pair of brackets", "[::1"],
    ["empty brackets", "[]"],
    ["text after brackets", "[::1]x"],
    ["a name in brackets", "[gcr.io]"],
    ["a port that is not a number", "gcr.io:http"],
  ])("refuses %s, and says what is expected", (_what, name) => {
    expect(refusal(() => newRegistry(name)).message).toContain("expected host, host:port, [IPv6]");
  });

  it.each(["", "0", "00", "080", "0443", "65536", "99999", "100000", "18446744073709551696"])(
    "refuses the port %j, and names the range",
    (port) => {
      expect(refusal(() => newRegistry(`gcr.io:${port}`)).message).toContain(
        `port "${port}" is not a number from 1 to 65535`,
      );
    },
  );

  it.each([
    ["0x7f.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["0177.0.0.1:5000", "127.0.0.1"],
    ["010.0.0.1", "8.0.0.1"],
    ["127.0.0.1.", "127.0.0.1"],
    ["[0:0:0:0:0:0:0:1]:5000", "[::1]"],
    ["[::ffff:10.0.0.1]", "[::ffff:a00:1]"],
  ])("refuses %s, since a URL would turn it into %s, and offers that", (name, reached) => {
    expect(refusal(() => newRegistry(name)).message).toContain(`into "${reached}"; write it that way`);
  });

  it.each(["10.256.0.0:5000", "1.2.3.4.5", "256.256.256.256", "[1::2::3]", "[:::]", "[12345::]", "xn--"])(
    "refuses %s, which is no address and no domain name",
    (name) => {
      expect(refusal(() => newRegistry(name)).message).toContain("neither an IP address nor a domain name");
    },
  );

  it.each(["http://localhost:5000", "https://gcr.io", "HTTPS://gcr.io", "https:"])(
    "refuses %s, and says that the URL scheme is too much",
    (name) => {
      expect(refusal(() => newRegistry(name)).message).toContain("leave the URL scheme out");
    },
  );

  it("takes a host that is called like a URL scheme", () => {
    expect(newRegistry("http:5000").name()).toBe("http:5000");
  });

  it("throws a VarveError with a stable code, a part, and a printable message of bounded length", () => {
    const error = refusal(() => newRegistry(`\u001b]0;${"x".repeat(100_000)}`));
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({
      name: "NameError",
      code: "ERR_VARVE_NAME",
      part: "registry",
      retryable: false,
    });
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).toMatch(/^[ -~]*$/);
  });
});

describe("Registry", () => {
  it("has one scope, the catalog, whatever the action", () => {
    expect(newRegistry("gcr.io").scope("pull")).toBe("registry:catalog:*");
    expect(newRegistry("gcr.io").scope("anything")).toBe("registry:catalog:*");
  });

  it("checks and rewrites what its constructor is given, as newRegistry does", () => {
    expect(new Registry("docker.io").name()).toBe("index.docker.io");
    expect(refusal(() => new Registry("a b")).part).toBe("registry");
    expect(refusal(() => new Registry("")).part).toBe("registry");
    expect(new Registry("gcr.io").scheme()).toBe("https");
    expect(new Registry("gcr.io", true).scheme()).toBe("http");
  });
});
