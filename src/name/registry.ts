import { checkAuthority } from "./authority.js";
import { NameError } from "./name-error.js";
import { defaultRegistry, type NameOptions } from "./name-options.js";
import { type Scheme, schemeOf } from "./scheme.js";

/**
 * Names that people write, and the authorities that are meant. Docker Hub's registry is not at docker.io; and
 * an IPv6 address stands in brackets in a URL (RFC 3986, section 3.2.2), which for the loopback address
 * cannot be mistaken for anything else.
 */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["docker.io", defaultRegistry],
  ["::1", "[::1]"],
]);

/** A registry: a host, perhaps with a port. */
export class Registry {
  private readonly authority: string;
  private readonly insecure: boolean;

  /**
   * @param authority such as `gcr.io`, `localhost:5000` or `[::1]:5000`
   * @param insecure whether to talk to it over plain HTTP, whatever it is called
   * @throws {NameError} if it is not a valid URL authority
   */
  constructor(authority: string, insecure = false) {
    this.authority = ALIASES.get(authority) ?? authority;
    this.insecure = insecure;
    checkAuthority(this.authority);
  }

  /** The host, and `:port` if one was given: what stands in a URL. */
  registryStr(): string {
    return this.authority;
  }

  /** The same as {@link registryStr}. */
  name(): string {
    return this.authority;
  }

  /**
   * `"http"` if the registry was named insecure, or is `localhost:port`, `*.localhost`, 127.0.0.1, [::1], or
   * an address of a private IPv4 network (RFC 1918); otherwise `"https"`.
   */
  scheme(): Scheme {
    return this.insecure ? "http" : schemeOf(this.authority);
  }

  /**
   * The token scope of the only thing that a registry itself gives access to, its catalog; the action makes
   * no difference.
   */
  scope(_action: string): string {
    return "registry:catalog:*";
  }

  toString(): string {
    return this.name();
  }

  /** The string form; {@link newRegistry} reads it back. */
  toJSON(): string {
    return this.toString();
  }
}

/**
 * Reads the name of a registry. An empty name means the default registry; `docker.io` means
 * `index.docker.io`.
 *
 * @throws {NameError} if the name is not a valid URL authority, or is empty in strict mode
 */
export function newRegistry(name: string, options: NameOptions = {}): Registry {
  if (name === "" && options.strict === true) {
    throw new NameError(
      "registry",
      "the registry is missing: strict names give it explicitly, such as gcr.io/...",
    );
  }
  const authority = name === "" ? (options.defaultRegistry ?? defaultRegistry) : name;
  return new Registry(authority, options.insecure);
}
