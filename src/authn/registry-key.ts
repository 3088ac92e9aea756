import type { Resource } from "./keychain.js";

/** What Docker files the credentials for its Hub under, and asks helpers for. */
const HUB_KEY = "https://index.docker.io/v1/";
const HUB_HOST = "index.docker.io";
/** What podman calls it. */
const HUB_ALIAS = "docker.io";

/** What credentials for a registry are filed under, and what a helper is asked for: the host, but for Docker Hub an address. */
export function serverOf(registry: string): string {
  return registry === HUB_HOST || registry === HUB_ALIAS ? HUB_KEY : registry;
}

/**
 * Which keys of a configuration are for a registry or repository, the most specific first: the full name, then its beginnings (as
 * podman has them), then the host, which may stand in an address, `http(s)://host/v1/` or `/v2/`. Keys that are written just so go
 * before those that only mean the same.
 *
 * A key never counts for more than Docker or podman would have it count for: to Docker `host/team` is the whole host, to podman a namespace,
 * and so it is here; `host/v1` without a scheme and without a slash at its end is the namespace `v1`.
 */
export function keysFor(resource: Resource, keys: Iterable<string>): string[] {
  const meanings = [...keys].map((key) => ({ key, meaning: meaningOf(key) }));
  return candidates(resource).flatMap((candidate) => {
    const meaning = meaningOf(candidate);
    return meanings
      .filter((each) => each.meaning === meaning)
      .map(({ key }) => key)
      .sort((one, other) => Number(other === candidate) - Number(one === candidate));
  });
}

function candidates(resource: Resource): string[] {
  const host = resource.registryStr();
  const found: string[] = [];
  let name = resource.toString();
  while (name.startsWith(`${host}/`)) {
    found.push(name);
    name = name.slice(0, name.lastIndexOf("/"));
  }
  return [...found, serverOf(host)];
}

/** A key without what does not tell registries apart. */
function meaningOf(key: string): string {
  const [, scheme, host = "", path = ""] = /^(https?:\/\/)?([^/]*)(.*)$/s.exec(key.toLowerCase()) ?? [];
  const isAddress = /^\/v[12]\/+$/.test(scheme === undefined ? path : `${path}/`);
  const name = isAddress ? host : `${host}${path.replace(/\/+$/, "")}`;
  return name === HUB_ALIAS || name.startsWith(`${HUB_ALIAS}/`) ? `index.${name}` : name;
}
