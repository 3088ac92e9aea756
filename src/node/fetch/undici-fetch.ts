import { isIPv6 } from "node:net";
import { createSecureContext } from "node:tls";
import type { Agent, Dispatcher } from "undici";
import { readingOn } from "./answering-socket.js";
import { acceptsAny, trustedCertificates } from "./certificates.js";
import type { FetchOptions } from "./fetch-options.js";
import { timeLimits } from "./limits.js";
import { type HttpProxy, proxyFor } from "./proxy.js";
import { explainingRefusal } from "./proxy-refusal.js";
import { type ConnectionOptions, openTunnel } from "./tunnel.js";

type Undici = typeof import("undici");
type SentHeaders = NonNullable<Dispatcher.DispatchOptions["headers"]>;

/** Makes a `fetch` of undici's, with connections of its own. */
export async function undiciFetch(options: FetchOptions): Promise<typeof fetch> {
  const undici = await import("undici");
  const dispatcher = await newDispatcher(undici, options);
  const send = async (url: string | URL, init?: RequestInit) => {
    // Refused here and not in the dispatcher, where fetch would only say that it failed.
    proxyFor(new URL(url), options.env ?? process.env);
    return undici.fetch(url, { ...init, dispatcher } as never);
  };
  return send as unknown as typeof fetch;
}

/** Sends each request directly, or through the proxy that the environment names for it. */
async function newDispatcher(undici: Undici, options: FetchOptions): Promise<Dispatcher> {
  const { env = process.env, insecure = false } = options;
  const { connectTimeout, ...answerLimits } = timeLimits(options);
  const ca = insecure === true ? undefined : await trustedCertificates({ ca: options.ca, env });
  const strict: ConnectionOptions = {
    timeout: connectTimeout,
    // Made once: each certificate is parsed for a context.
    ...(ca === undefined ? {} : { secureContext: createSecureContext({ ca }) }),
  };
  const lax: ConnectionOptions = { timeout: connectTimeout, rejectUnauthorized: false };
  const connectionTo: ConnectionTo = (hostname) => (acceptsAny(insecure, hostname) ? lax : strict);
  const direct = newAgent(undici, connectionTo);
  const tunnels = new Map<string, Agent>();
  const through = (proxy: HttpProxy): Agent => {
    const key = `${proxy.origin} ${proxy.authorization}`;
    const agent = tunnels.get(key) ?? newAgent(undici, connectionTo, proxy);
    tunnels.set(key, agent);
    return agent;
  };

  return direct.compose((dispatch) => (request, handler) => {
    const target = new URL(String(request.origin));
    const proxy = proxyFor(target, env);
    const limited = { ...request, ...answerLimits };
    if (proxy === undefined) {
      return dispatch(limited, handler);
    }
    return target.protocol === "https:"
      ? through(proxy).dispatch(limited, handler)
      : dispatch(absoluteForm(limited, target, proxy), explainingRefusal(handler, proxy.origin));
  });
}

/** How connections to a host are opened: one of a few objects. */
type ConnectionTo = (hostname: string) => ConnectionOptions;

/** Connections to every host, direct, or with the proxy through tunnels that it makes. */
function newAgent(undici: Undici, connectionTo: ConnectionTo, proxy?: HttpProxy): Agent {
  const connectors = new Map<ConnectionOptions, ReturnType<Undici["buildConnector"]>>();
  const connectorTo = (hostname: string): ReturnType<Undici["buildConnector"]> => {
    const connection = connectionTo(hostname);
    const connector = connectors.get(connection) ?? undici.buildConnector(connection);
    connectors.set(connection, connector);
    return connector;
  };
  return new undici.Agent({
    connect: (target, callback) => {
      const connector = connectorTo(target.hostname);
      const connect = (httpSocket?: NonNullable<typeof target.httpSocket>): void =>
        connector({ ...target, ...(httpSocket === undefined ? {} : { httpSocket }) }, (...[error, socket]) =>
          error === null ? callback(null, readingOn(socket)) : callback(error, null),
        );
      if (proxy === undefined) {
        connect();
        return;
      }
      const host = isIPv6(target.hostname) ? `[${target.hostname}]` : target.hostname;
      const toProxy = connectionTo(new URL(proxy.origin).hostname);
      openTunnel(proxy, `${host}:${target.port || 443}`, toProxy).then(connect, (error: Error) =>
        callback(error, null),
      );
    },
  });
}

/** The request as a proxy takes it that is not to make a tunnel: with the whole URL as its target (RFC 9112, section 3.2.2). */
function absoluteForm(
  request: Dispatcher.DispatchOptions,
  target: URL,
  { origin, authorization }: HttpProxy,
): Dispatcher.DispatchOptions {
  const added = {
    host: target.host,
    ...(authorization === undefined ? {} : { "proxy-authorization": authorization }),
  };
  return {
    ...request,
    origin,
    path: `${target.origin}${request.path}`,
    headers: withHeaders(request.headers, added),
  };
}

function withHeaders(
  headers: Dispatcher.DispatchOptions["headers"],
  added: Record<string, string>,
): SentHeaders {
  return Array.isArray(headers) ? [...headers, ...Object.entries(added).flat()] : { ...headers, ...added };
}
