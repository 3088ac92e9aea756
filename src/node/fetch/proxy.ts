import { FetchOptionsError } from "./fetch-options-error.js";
import { isExempt } from "./no-proxy.js";

/** The environment variables that say which proxy a request goes through, in small letters or in capitals. */
export interface ProxyEnvironment {
  readonly [name: string]: string | undefined;
}

/** A proxy for HTTP. */
export interface HttpProxy {
  /** Where it is, such as `http://proxy.example:3128`; without user name and password. */
  readonly origin: string;
  /** What to show it, for `Proxy-Authorization`; undefined if it asks for nothing. */
  readonly authorization: string | undefined;
}

/**
 * The proxy that a request goes through: `HTTPS_PROXY` or `HTTP_PROXY`, by the scheme of the request, unless `NO_PROXY` or a loopback address
 * exempts the host. Of two spellings the one in small letters counts. In a CGI program `HTTP_PROXY` is what the client sends as `Proxy:`, and
 * counts for nothing.
 *
 * @throws {FetchOptionsError} if the variable is not the URL of a proxy for HTTP
 */
export function proxyFor(url: URL, environment: ProxyEnvironment): HttpProxy | undefined {
  const { no_proxy, NO_PROXY, REQUEST_METHOD } = environment;
  const name = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const capitals = name.toUpperCase();
  const fromClient = capitals === "HTTP_PROXY" && REQUEST_METHOD;
  const text = environment[name] || (fromClient ? undefined : environment[capitals]);
  if (!text || isExempt(url, no_proxy || NO_PROXY || "")) {
    return undefined;
  }
  return parseProxy(text, environment[name] ? name : capitals);
}

function parseProxy(text: string, variable: string): HttpProxy {
  let url: URL | undefined;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    // Its message would repeat the text, which may hold a password.
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw new FetchOptionsError(
      `the environment variable ${variable} is not the URL of a proxy for HTTP; write it as http://host:port or http://user:password@host:port`,
    );
  }
  const { origin, username, password } = url;
  if (username === "" && password === "") {
    return { origin, authorization: undefined };
  }
  const credentials = `${unescaped(username)}:${unescaped(password)}`;
  return { origin, authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
