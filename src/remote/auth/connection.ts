import { RegistryError } from "../transport/registry-error.js";
import { discardBody } from "../transport/response-body.js";
import { onceOnly, type RetryPolicy } from "../transport/retry.js";
import type { Answer, RegistryRequest, Transport } from "../transport/transport.js";
import type { Authorizer } from "./authorizer.js";
import { type Challenge, challengeOf } from "./challenge.js";
import { realmOf } from "./realm.js";
import { exchangeToken } from "./token-exchange.js";

/**
 * A registry that has been found and lets the client in, for a given set of scopes. What is shown to it is shown to its own host only:
 * another host, that a redirect or a `Location` leads to, sees nothing of it.
 */
export class Connection {
  /** The root of the registry's API, ending in `/v2/`. */
  readonly root: URL;
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;

  constructor(root: URL, transport: Transport, authorizer: Authorizer) {
    this.root = root;
    this.#transport = transport;
    this.#authorizer = authorizer;
  }

  /**
   * Makes a request, once more if the registry asks for what was not shown, or for another token than was, and as often as the retry
   * policy says. A body that can be sent once is not sent again; before the next one what was refused is replaced, as is a token that is
   * about to end.
   *
   * @param retry by default the request is made once
   * @throws what `Transport.send` throws, and what getting a token throws
   */
  send(request: RegistryRequest, retry: RetryPolicy = onceOnly): Promise<Answer> {
    return retry.send(() => this.#sendAuthorized(request), request.signal);
  }

  /** Wants access to more, for what comes. */
  widen(scopes: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#authorizer.widen(scopes, signal);
  }

  async #sendAuthorized(request: RegistryRequest): Promise<Answer> {
    const { signal } = request;
    const url = this.#spokenTo(request.url);
    const own = url.host === this.root.host;
    const once = request.body instanceof ReadableStream;
    if (own && once) {
      await this.#authorizer.freshen(signal);
    }
    const authorization = own ? this.#authorizer.authorization : undefined;
    const answer = await this.#transport.send({ ...request, url, authorization });
    const challenge = answer.response.status === 401 ? challengeOf(answer.response) : undefined;
    if (challenge === undefined) {
      return this.#judged(answer);
    }
    const ownAnswer = answer.url.host === this.root.host;
    if (once) {
      if (ownAnswer) {
        this.#authorizer.renewLater(challenge, authorization);
      }
      return this.#judged(answer);
    }
    if (!ownAnswer) {
      return this.#askStranger(request, answer, challenge);
    }
    if (!own) {
      // Another host has led here: it may not have a request made in its favour, and must not see what would be shown.
      return this.#judged(answer);
    }
    let renewed: boolean;
    try {
      renewed = await this.#authorizer.renewAfter(challenge, authorization, signal);
    } catch (failure) {
      await discardBody(answer.response, signal);
      throw failure;
    }
    if (!renewed) {
      return this.#judged(answer);
    }
    await discardBody(answer.response, signal);
    return this.#judged(
      await this.#transport.send({ ...request, url, authorization: this.#authorizer.authorization }),
    );
  }

  /** A host that a redirect led to wants a token: it gets one that anyone gets, for this request only. */
  async #askStranger(request: RegistryRequest, answer: Answer, challenge: Challenge): Promise<Answer> {
    if (challenge.scheme !== "bearer") {
      return answer;
    }
    const { signal } = request;
    await discardBody(answer.response, signal);
    const { token } = await exchangeToken(
      this.#transport,
      onceOnly,
      {
        realm: realmOf(challenge, answer.url, answer.conceal),
        service: challenge.parameters.get("service") ?? "",
        scopes: (challenge.parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== ""),
      },
      {},
      signal,
    );
    const asked = await this.#transport.send({
      ...request,
      url: answer.url,
      authorization: `Bearer ${token}`,
    });
    return { ...asked, authorized: false };
  }

  /** A token that anyone gets is no credential, and a refusal of it should not be put down to one. */
  #judged(answer: Answer): Answer {
    return { ...answer, authorized: answer.authorized && this.#authorizer.hasCredentials };
  }

  /** A registry behind a proxy may not know which scheme it is spoken to in, and names the other in its URLs. */
  #spokenTo(url: URL): URL {
    if (url.host !== this.root.host || url.protocol === this.root.protocol) {
      return url;
    }
    const spoken = new URL(url);
    spoken.protocol = this.root.protocol;
    return spoken;
  }
}

/** Whether a failure is a registry's answer with that status. */
export function isStatus(failure: unknown, ...statuses: readonly number[]): failure is RegistryError {
  return failure instanceof RegistryError && statuses.includes(failure.status);
}
