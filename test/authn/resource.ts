import type { Resource } from "../../src/authn/index.js";
import { newRegistry, newRepository } from "../../src/name/index.js";

/** The registry of that name, if it is a host alone; otherwise the repository. */
export function resourceOf(name: string): Resource {
  return /^[^/]*[.:][^/]*$/.test(name) ? newRegistry(name) : newRepository(name);
}
