import { hostname } from "node:os";

/** The part of this host's name that may stand in a file's. Asked for when it is needed: Deno wants a permission for it. */
export function hostName(): string {
  return hostname()
    .replace(/[^A-Za-z0-9.]/g, "")
    .slice(0, 64);
}
