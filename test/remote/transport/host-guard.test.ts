import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInternalHost } from "../../../src/remote/transport/host-guard.js";

/** The host of a URL as requests see it. */
function hostOf(authority: string): string {
  return new URL(`http://${authority}/`).hostname;
}

describe("isInternalHost", () => {
  it.each([
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "0.1.2.3",
    "localhost",
    "LOCALHOST.",
    "registry.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "192.0.0.192",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[ff02::1]",
    "[64:ff9b:1::1]",
    "[2001::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.1.2.3]",
    "[0:0:0:0:0:ffff:c0a8:0101]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[2002:7f00:1::]",
    "[2002:a00:1:2:3:4:5:6]",
  ])("knows %s for internal", (authority) => {
    expect(isInternalHost(hostOf(authority))).toBe(true);
  });

  it.each([
    "registry.example",
    "localhost.example",
    "mylocalhost",
    "10.0.0.1.example",
    "8.8.8.8",
    "11.0.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "192.169.0.1",
    "169.253.255.255",
    "169.255.0.1",
    "1.0.0.0",
    "192.0.1.1",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "localdomain",
    "[2001:1::1]",
    "[64:ff9b:2::1]",
    "[2001:4860:4860::8888]",
    "[fe00::1]",
    "[fbff::1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9c::127.0.0.1]",
    "[2002:808:808::]",
    "[1::7f00:1]",
  ])("takes %s for a host of the world", (authority) => {
    expect(isInternalHost(hostOf(authority))).toBe(false);
  });

  it.each([
    ["2130706433", "127.0.0.1 as one decimal number"],
    ["0x7f000001", "127.0.0.1 as one hexadecimal number"],
    ["017700000001", "127.0.0.1 as one octal number"],
    ["127.1", "127.0.0.1 with parts left out"],
    ["0x7f.0.0.01", "127.0.0.1 in mixed bases"],
    ["127.0.0.1.", "127.0.0.1 with the root's dot"],
    ["%31%32%37.0.0.1", "127.0.0.1 percent-encoded"],
    ["①②⑦.0.0.1", "127.0.0.1 in circled digits"],
    ["0", "0.0.0.0 as one number"],
    ["0xa9fea9fe", "169.254.169.254 as one hexadecimal number"],
  ])("sees through %s: %s", (authority) => {
    expect(isInternalHost(hostOf(authority))).toBe(true);
  });

  const internalIPv4 = fc.oneof(
    fc.tuple(fc.constantFrom(0, 10, 127), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
  );

  it("knows an internal address in every spelling that a URL allows", () => {
    fc.assert(
      fc.property(internalIPv4, ([a, b, c, d]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const spellings = [
          [a, b, c, d].join("."),
          String(number),
          `0x${number.toString(16)}`,
          `0${number.toString(8)}`,
          `${a}.${(b * 256 + c) * 256 + d}`,
          `[::ffff:${[a, b, c, d].join(".")}]`,
          `[64:ff9b::${[a, b, c, d].join(".")}]`,
          `[2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::1]`,
        ];
        expect(spellings.filter((spelling) => !isInternalHost(hostOf(spelling)))).toEqual([]);
      }),
    );
  });

  it("classes an IPv4 address and its mapped form alike", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isInternalHost(hostOf(`[::ffff:${address}]`))).toBe(isInternalHost(hostOf(address)));
      }),
    );
  });

  it("classes an IPv6 address by its first bits, wherever its zeros are", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const host = hostOf(`[${address}]`);
        const first = host.startsWith("[::") ? 0 : Number.parseInt(host.slice(1), 16);
        fc.pre(first !== 0 && first !== 0x64 && first !== 0x2001 && first !== 0x2002);
        expect(isInternalHost(host)).toBe((first >= 0xfc00 && first < 0xfe00) || first >= 0xfe80);
      }),
    );
  });
});
