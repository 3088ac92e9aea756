import type { Registry } from "../../name/index.js";
import { ChildController } from "../transport/abort.js";
import { explain, NetworkError } from "../transport/network-error.js";
import { RegistryError } from "../transport/registry-error.js";
import { readBody } from "../transport/response-body.js";
import type { Transport } from "../transport/transport.js";

/** How long https may take to answer before http is tried beside it, where a registry may speak either. */
const HEAD_START_MILLISECONDS = 300;

/**
 * Asks a registry whether it is there and lets anyone in (OCI distribution-spec, "Determining Support"), and thereby finds out
 * the scheme that it speaks. A registry whose name implies http is asked over https first, and over http too as soon as
 * that has failed or taken 300 ms; the first that answers decides, and the other request is aborted.
 *
 * @returns the root of its API, such as `https://registry.example/v2/`
 * @throws {RegistryError} if it wants credentials (code `ERR_VARVE_UNAUTHORIZED`), or answers with a status other than 200
 * @throws {NetworkError} if it cannot be reached
 * @throws the signal's reason, at once, when it is aborted
 */
export async function ping(registry: Registry, transport: Transport, signal?: AbortSignal): Promise<URL> {
  const { root, refusal } = await new Ping(registry, transport, signal).run();
  if (refusal !== undefined) {
    throw refusal;
  }
  return root;
}

/** An answer that settles what scheme the registry speaks, be it only to send the client away. */
interface Settled {
  readonly root: URL;
  readonly refusal?: RegistryError;
}

class Ping {
  readonly #registry: Registry;
  readonly #transport: Transport;
  readonly #signal: AbortSignal | undefined;
  readonly #race: ChildController;

  constructor(registry: Registry, transport: Transport, signal: AbortSignal | undefined) {
    this.#registry = registry;
    this.#transport = transport;
    this.#signal = signal;
    this.#race = new ChildController(signal);
  }

  async run(): Promise<Settled> {
    try {
      return await (this.#registry.scheme() === "http" ? this.#askBoth() : this.#ask("https"));
    } catch (failure) {
      this.#signal?.throwIfAborted();
      throw this.#summarise(failure instanceof AggregateError ? failure.errors : [failure]);
    } finally {
      this.#race.abort();
      this.#race.detach();
    }
  }

  async #askBoth(): Promise<Settled> {
    const secure = this.#ask("https");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const cue = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, HEAD_START_MILLISECONDS);
      secure.catch(() => resolve());
    });
    try {
      return await Promise.any([secure, cue.then(() => this.#ask("http"))]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(scheme: "https" | "http"): Promise<Settled> {
    const root = new URL(`${scheme}://${this.#registry.registryStr()}/v2/`);
    const answer = await this.#transport.send({ method: "GET", url: root, signal: this.#race.signal });
    const body = await readBody(answer.response, this.#race.signal);
    if (answer.url.hostname === root.hostname) {
      root.protocol = answer.url.protocol;
    }
    switch (answer.response.status) {
      case 200:
        return { root };
      case 401:
        return { root, refusal: new RegistryError(answer, body) };
      default:
        throw new RegistryError(answer, body);
    }
  }

  /** One error of those that the schemes gave, https first: an answer tells more than a connection that did not come about. */
  #summarise(failures: readonly unknown[]): unknown {
    const refused = failures.find((failure) => !(failure instanceof NetworkError));
    if (refused !== undefined) {
      const [other] = failures.filter((failure) => failure !== refused);
      if (refused instanceof Error && other !== undefined) {
        refused.cause ??= other;
      }
      return refused;
    }
    const host = this.#registry.registryStr();
    const attempts = failures.map(
      (failure, index) => `${index === 0 ? "https" : "http"}: ${explain((failure as NetworkError).cause)}`,
    );
    const advice =
      failures.length > 1
        ? "check the name and the port, and that a registry is running there"
        : "check the name, and that a registry is running there; one that speaks plain http must be named as insecure";
    return new NetworkError(`cannot reach the registry at ${host} (${attempts.join("; ")}): ${advice}`, {
      host,
      cause: failures.length > 1 ? new AggregateError(failures, `no scheme reaches ${host}`) : failures[0],
    });
  }
}
