import type { AuthConfig } from "../../authn/index.js";
import { brokenBody } from "../transport/network-error.js";
import { printable } from "../transport/printable.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import { RegistryError } from "../transport/registry-error.js";
import { BODY_LIMIT, readBody } from "../transport/response-body.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { Answer, RegistryRequest, Transport } from "../transport/transport.js";
import { basicAuthorization } from "./basic.js";

/** How long a token is good for whose lifetime is not given (distribution's token specification). */
const DEFAULT_LIFETIME_SECONDS = 60;

/** What a token server is asked for. */
export interface TokenRequest {
  readonly realm: URL;
  /** The registry's name for itself. */
  readonly service: string;
  /** Such as `repository:project/image:pull`. */
  readonly scopes: readonly string[];
}

/** What a token server gave. */
export interface Token {
  readonly token: string;
  /** When it ends, as `Date.now()` tells time. */
  readonly expires: number;
  /** To be shown from now on in place of the credentials. */
  readonly refreshToken?: string;
}

/**
 * Gets a token: with an identity token by OAuth 2's POST, and if the server doesn't know that (404), or for a user name and a
 * password, or nothing at all, by GET.
 *
 * @throws {RegistryError} if the token server refuses
 * @throws {NetworkError} if its answer breaks off
 * @throws {ProtocolError} if what it answers with has no token
 * @throws {UnsafeLocationError} if a redirect leads where it must not, or would take an identity token to another host
 */
export async function exchangeToken(
  transport: Transport,
  retry: RetryPolicy,
  request: TokenRequest,
  config: AuthConfig,
  signal?: AbortSignal,
): Promise<Token> {
  const ask = (made: RegistryRequest): Promise<Token> =>
    retry.read(async () => readToken(await transport.send({ ...made, signal }), signal), signal);
  if (config.identityToken) {
    try {
      return await ask(byPost(request, config.identityToken));
    } catch (failure) {
      if (!(failure instanceof RegistryError && failure.status === 404)) {
        throw failure;
      }
    }
  }
  return ask(byGet(request, config));
}

function byPost({ realm, service, scopes }: TokenRequest, identityToken: string): RegistryRequest {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: identityToken,
    client_id: "varve",
    service,
    scope: scopes.join(" "),
  });
  return {
    method: "POST",
    url: realm,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new TextEncoder().encode(String(form)),
    confidentialBody: identityToken,
  };
}

function byGet({ realm, service, scopes }: TokenRequest, config: AuthConfig): RegistryRequest {
  const url = new URL(realm);
  for (const scope of scopes) {
    url.searchParams.append("scope", scope);
  }
  url.searchParams.set("service", service);
  return { method: "GET", url, authorization: basicAuthorization(config) };
}

async function readToken(answer: Answer, signal: AbortSignal | undefined): Promise<Token> {
  const body = await readBody(answer.response, signal);
  signal?.throwIfAborted();
  const { status } = answer.response;
  const asked = `${answer.method} ${redactURL(answer.url)}`;
  if (status > 200 && status < 300) {
    throw new ProtocolError(
      `${asked}: the token server answers with status ${status}; it should be 200 where there is a token`,
    );
  }
  if (status !== 200) {
    throw new RegistryError(answer, body);
  }
  if (body.exceeded) {
    throw new ProtocolError(
      `${asked}: the token server's answer exceeds ${BODY_LIMIT} bytes, so it is none of the kind`,
    );
  }
  const { access_token, token, expires_in, refresh_token } = parse(body.text);
  const given = [access_token, token].find(isText);
  if (given === undefined && body.failure !== undefined) {
    throw brokenBody(body.failure, answer);
  }
  if (given === undefined) {
    throw new ProtocolError(
      `${asked}: no token in the token server's answer, which is ${outline(answer.conceal(body.text))}`,
    );
  }
  if (!/^[!-~]+$/.test(given)) {
    throw new ProtocolError(
      `${asked}: the token that the server gives has characters that no header can hold`,
    );
  }
  const lifetime = typeof expires_in === "number" && expires_in > 0 ? expires_in : DEFAULT_LIFETIME_SECONDS;
  return {
    token: given,
    expires: Date.now() + lifetime * 1000,
    ...(isText(refresh_token) ? { refreshToken: refresh_token } : {}),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What an answer looks like, without what may be secret in it. */
function outline(text: string): string {
  try {
    return `JSON with the keys (${printable(
      Object.keys(Object(JSON.parse(text)))
        .slice(0, 16)
        .join(", "),
      256,
    )})`;
  } catch {
    return `not JSON, ${new TextEncoder().encode(text).length} bytes`;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
