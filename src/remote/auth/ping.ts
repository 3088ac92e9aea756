import type { Registry } from "../../name/index.js";
import { ChildController } from "../transport/abort.js";
import { causedBy } from "../transport/earlier-failure.js";
import { hiddenHeader } from "../transport/hidden-header.js";
import { explain, NetworkError } from "../transport/network-error.js";
import type { ProtocolError } from "../transport/protocol-error.js";
import { RegistryError } from "../transport/registry-error.js";
import { type BoundedBody, readBody } from "../transport/response-body.js";
import type { Answer, Transport } from "../transport/transport.js";
import { type Challenge, challengeOf } from "./challenge.js";

/** How long https may take to answer before http is tried beside it, where a registry may speak either. */
const HEAD_START_MILLISECONDS = 300;

/**
 * Asks a registry whether it is there and lets anyone in (OCI distribution-spec, "Determining Support"), and thereby finds out
 * the scheme that it speaks. A registry whose name implies http is asked over https first, and over http too as soon as
 * that has failed or taken 300 ms; the first that answers decides, and the other request is aborted.
 *
 * @throws {RegistryError} if it answers with a status other than 200 and 401, or with 401 and no challenge
 * @throws {NetworkError} if it cannot be reached
 * @throws the signal's reason, at once, when it is aborted
 */
export async function ping(registry: Registry, transport: Transport, signal?: AbortSignal): Promise<Found> {
  const { refusal, ...found } = await new Ping(registry, transport, signal).run();
  if (refusal !== undefined) {
    throw refusal;
  }
  return found;
}

/** A registry that is there. */
export interface Found {
  /** The root of its API, such as `https://registry.example/v2/`. */
  readonly root: URL;
  /** What it asks for; absent if it lets anyone in. */
  readonly challenge?: Challenge;
  /** Who asks for it, if that is not the registry itself but another host, which it redirects to: that may see no credentials. */
  readonly stranger?: URL;
}

/** An answer that settles what scheme the registry speaks, be it only to send the client away. */
interface Settled extends Found {
  readonly refusal?: RegistryError | ProtocolError;
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
        return {
          root,
          ...demandOf(answer, body),
          ...(answer.url.host === root.host ? {} : { stranger: answer.url }),
        };
      default:
        throw new RegistryError(answer, body);
    }
  }

  /** One error of those that the schemes gave, https first: an answer tells more than a connection that did not come about. */
  #summarise(failures: readonly unknown[]): unknown {
    const refused = failures.find((failure) => !(failure instanceof NetworkError));
    if (refused !== undefined) {
      const [other] = failures.filter((failure) => failure !== refused);
      causedBy(refused, other);
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

/** What a registry asks for, or, if that cannot be known, the error that it is. */
function demandOf(answer: Answer, body: BoundedBody): Pick<Settled, "challenge" | "refusal"> {
  const challenge = challengeOf(answer.response);
  if (challenge !== undefined) {
    return { challenge };
  }
  return {
    refusal:
      answer.response.type === "cors"
        ? hiddenHeader(answer, "WWW-Authenticate", "the registry wants credentials and hides of what kind")
        : new RegistryError(answer, body),
  };
}
