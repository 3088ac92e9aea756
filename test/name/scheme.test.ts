import { describe, expect, it } from "vitest";
import { newRegistry, newRepository, parseReference } from "../../src/name/index.js";

describe("Registry.scheme", () => {
  it.each([
    ["localhost with a port", "localhost:8080"],
    ["a domain under localhost", "registry.localhost"],
    ["a domain under localhost with a port", "foo.svc.localhost:1234"],
    ["the IPv4 loopback address", "127.0.0.1"],
    ["the IPv4 loopback address with a port", "127.0.0.1:1234"],
    ["the IPv6 loopback address, bare", "::1"],
    ["the IPv6 loopback address", "[::1]"],
    ["the IPv6 loopback address with a port", "[::1]:5000"],
    ["the first address of 10/8", "10.0.0.0"],
    ["the last address of 10/8", "10.255.255.255"],
    ["an address of 10/8 with a port", "10.2.3.4:5000"],
    ["the first address of 172.16/12", "172.16.0.0"],
    ["the last address of 172.16/12, with a port", "172.31.255.255:3000"],
    ["the first address of 192.168/16", "192.168.0.0"],
    ["the last address of 192.168/16", "192.168.255.255"],
  ])("acceptance 75: speaks http to %s", (_what, name) => {
    expect(newRegistry(name).scheme()).toBe("http");
  });

  it.each([
    ["Docker Hub", ""],
    ["a domain", "gcr.io"],
    ["a domain with a port", "gcr.io:80"],
    ["a bare localhost", "localhost"],
    ["localhost in upper case", "LOCALHOST:5000"],
    ["localhost as a label of a domain", "localhost.example.com:5000"],
    ["a domain that ends in the letters of localhost", "evillocalhost:5000"],
    ["a domain under local", "registry.local"],
    ["a domain under local with a port", "foo.svc.local:1234"],
    ["another loopback address", "127.0.0.2"],
    ["a domain that begins like the loopback address", "127.0.0.1.evil.com"],
    ["a domain that contains the loopback address", "my127.0.0.1registry.io"],
    ["an IPv6 address that ends like the loopback address", "[2001:db8::1]:5000"],
    ["a private IPv6 address", "[fd00::1]:5000"],
    ["a public address", "8.8.8.8"],
    ["the address before 10/8", "9.255.255.255"],
    ["the address after 10/8", "11.0.0.0"],
    ["the address before 172.16/12", "172.15.255.255"],
    ["the address after 172.16/12", "172.32.0.0"],
    ["the address before 192.168/16", "192.167.255.255"],
    ["the address after 192.168/16", "192.169.0.0"],
    ["a link-local address", "169.254.169.254"],
    ["a domain that begins like a private address", "10.1.2.3.example.com"],
    ["the short form of a private network", "10.example"],
  ])("acceptance 75: speaks https to %s", (_what, name) => {
    expect(newRegistry(name).scheme()).toBe("https");
  });

  it("acceptance 75: speaks http to any registry that is named insecure", () => {
    expect(newRegistry("gcr.io", { insecure: true }).scheme()).toBe("http");
    expect(newRegistry("gcr.io", { insecure: false }).scheme()).toBe("https");
    expect(newRegistry("localhost:5000", { insecure: false }).scheme()).toBe("http");
  });

  it("passes to everything that is named within the registry", () => {
    const repository = newRepository("example.com/repo", { insecure: true });
    expect(repository.scheme()).toBe("http");
    expect(repository.tag("foo").scheme()).toBe("http");
    expect(repository.digest(`sha256:${"0".repeat(64)}`).scheme()).toBe("http");
    expect(parseReference("example.com/repo:foo", { insecure: true }).scheme()).toBe("http");
    expect(parseReference("example.com/repo:foo").scheme()).toBe("https");
  });
});
