import { BlockList, isIP } from "node:net";

/**
 * Whether a request goes past the proxy, by the rules that Go and curl share: always to this machine itself; otherwise if an entry of the
 * list, which commas or spaces divide, names the host. An entry is `*`; a domain, which stands for those below it too; `.domain` or
 * `*.domain`, which stands for those below it only; an IP address; or a network such as `10.0.0.0/8`. All but the last may have a `:port`.
 */
export function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return (
    isLoopback(host) ||
    list
      .toLowerCase()
      .split(/[\s,]+/)
      .some((entry) => entry !== "" && covers(entry, host, port))
  );
}

function isLoopback(host: string): boolean {
  return (
    host === "localhost" || host.endsWith(".localhost") || inNetwork(host, "127.0.0.0/8") || host === "::1"
  );
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === "*") {
    return true;
  }
  if (entry.includes("/")) {
    return inNetwork(host, entry);
  }
  const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) {
    return false;
  }
  const bare = name.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0 || isIP(host) !== 0) {
    return isIP(bare) === isIP(host) && inNetwork(host, `${bare}/${isIP(bare) === 6 ? 128 : 32}`);
  }
  const domain = bare.replace(/^\*?\./, "").replace(/\.$/, "");
  return (host === domain && domain === bare.replace(/\.$/, "")) || host.endsWith(`.${domain}`);
}

function inNetwork(host: string, network: string): boolean {
  const [address = "", prefix = ""] = network.split("/");
  const version = isIP(address);
  const bits = Number(prefix);
  if (
    version === 0 ||
    isIP(host) !== version ||
    !/^\d{1,3}$/.test(prefix) ||
    bits > (version === 6 ? 128 : 32)
  ) {
    return false;
  }
  const family = version === 6 ? "ipv6" : "ipv4";
  const networks = new BlockList();
  networks.addSubnet(address, bits, family);
  return networks.check(host, family);
}
