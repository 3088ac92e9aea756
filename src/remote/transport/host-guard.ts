/**
 * Which hosts are within the client's own network. A registry that may name the URL of the next request can point it at a
 * service that only the client can reach (server-side request forgery), so a URL on such a host is not followed unless the
 * registry itself is there. What a public name resolves to is not looked at.
 */

/** Address blocks as (first 32 bits, length of the prefix): IANA's special-purpose registry for IPv4, RFC 6890. */
const IPV4_BLOCKS: readonly (readonly [address: number, prefix: number])[] = [
  [0x00000000, 8], // 0.0.0.0/8, "this network"; 0.0.0.0 is unspecified, and reaches this host (RFC 1122, section 3.2.1.3)
  [0x0a000000, 8], // 10.0.0.0/8, private (RFC 1918)
  [0x64400000, 10], // 100.64.0.0/10, shared address space (RFC 6598); some clouds' metadata services live here
  [0x7f000000, 8], // 127.0.0.0/8, loopback (RFC 1122)
  [0xa9fe0000, 16], // 169.254.0.0/16, link-local (RFC 3927); cloud metadata services live here
  [0xac100000, 12], // 172.16.0.0/12, private
  [0xc0000000, 24], // 192.0.0.0/24, protocol assignments; some clouds' metadata services live here
  [0xc0a80000, 16], // 192.168.0.0/16, private
  [0xc6120000, 15], // 198.18.0.0/15, benchmarks within a network (RFC 2544)
  [0xe0000000, 4], // 224.0.0.0/4, multicast (RFC 5771)
  [0xf0000000, 4], // 240.0.0.0/4, reserved; 255.255.255.255 is everyone on the network (RFC 919)
];

/** Prefixes of IPv6 whose addresses stand for an IPv4 address, and the index of the 16-bit group where that begins. */
const IPV4_WITHIN: readonly (readonly [prefix: readonly number[], at: number])[] = [
  [[0, 0, 0, 0, 0, 0], 6], // IPv4-compatible (RFC 4291, section 2.5.5.1); :: and ::1 are among them
  [[0, 0, 0, 0, 0, 0xffff], 6], // IPv4-mapped (section 2.5.5.2)
  [[0, 0, 0, 0, 0xffff, 0], 6], // IPv4-translated (RFC 2765)
  [[0x64, 0xff9b, 0, 0, 0, 0], 6], // NAT64 (RFC 6052)
  [[0x2002], 1], // 6to4 (RFC 3056)
];

/**
 * Whether a host is loopback, private, shared, link-local or unspecified: an IPv4 or IPv6 literal of such a block, one that stands for
 * such an IPv4 address, multicast or reserved, or `localhost` (RFC 6761, section 6.3) or what systems call it beside.
 *
 * @param hostname as `URL.hostname` gives it, so that the other spellings of an address (decimal, hexadecimal, octal,
 *   shortened) have been resolved already
 */
export function isInternalHost(hostname: string): boolean {
  if (hostname.startsWith("[")) {
    return isInternalIPv6(groupsOf(hostname.slice(1, -1)));
  }
  const octets = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(hostname);
  if (octets !== null) {
    return isInternalIPv4(octets.slice(1).reduce((address, octet) => address * 256 + Number(octet), 0));
  }
  return /(?:^|\.)(?:localhost|localhost\.localdomain|ip6-localhost)\.?$/.test(hostname);
}

function isInternalIPv4(address: number): boolean {
  return IPV4_BLOCKS.some(([block, prefix]) => (address ^ block) >>> (32 - prefix) === 0);
}

function isInternalIPv6(groups: readonly number[]): boolean {
  const [first = 0] = groups;
  const uniqueLocal = (first & 0xfe00) === 0xfc00; // fc00::/7 (RFC 4193)
  const linkLocal = (first & 0xffc0) === 0xfe80; // fe80::/10 (RFC 4291, section 2.5.6)
  const siteLocal = (first & 0xffc0) === 0xfec0; // fec0::/10, the deprecated private block (RFC 3879)
  const multicast = (first & 0xff00) === 0xff00; // ff00::/8
  const localTranslation = first === 0x64 && groups[1] === 0xff9b && groups[2] === 1; // 64:ff9b:1::/48 (RFC 8215)
  const teredo = first === 0x2001 && groups[1] === 0; // 2001::/32 (RFC 4380), whatever IPv4 address is hidden in it
  return (
    uniqueLocal ||
    linkLocal ||
    siteLocal ||
    multicast ||
    localTranslation ||
    teredo ||
    IPV4_WITHIN.some(
      ([prefix, at]) =>
        prefix.every((group, index) => groups[index] === group) &&
        isInternalIPv4((groups[at] ?? 0) * 0x10000 + (groups[at + 1] ?? 0)),
    )
  );
}

/** The eight 16-bit groups of an address in the form that `URL` writes: hexadecimal, with `::` for one run of zeros. */
function groupsOf(address: string): readonly number[] {
  const [before = [], after = []] = address
    .split("::")
    .map((half) => half.split(":").flatMap((group) => (group === "" ? [] : [Number.parseInt(group, 16)])));
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
