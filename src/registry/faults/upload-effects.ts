import { newHash } from "../../v1/index.js";
import type { Effect } from "./fault.js";
import { drain } from "./passing-body.js";

/** A session's answer to PATCH names the range that was held before, though the bytes were stored. */
export function staleRange(): Effect {
  return async (request, next, { registry }) => {
    const before = await registry(own(request, "GET"));
    const response = await next(request);
    const range = before.headers.get("Range");
    if (range === null) return response;
    const headers = new Headers(response.headers);
    headers.set("Range", range);
    return new Response(response.body, { status: response.status, headers });
  };
}

/** PATCH is answered with 202, and none of its body is stored; the session's range does not move. */
export function forgetBody(): Effect {
  return async (request, _, { registry }) => {
    await drain(request.body);
    const session = await registry(own(request, "GET"));
    return session.status === 204 ? new Response(null, { status: 202, headers: session.headers }) : session;
  };
}

/** The session that the request is for has ended before it: 404 BLOB_UPLOAD_UNKNOWN. */
export function endSession(): Effect {
  return async (request, next, { registry }) => {
    await registry(own(request, "DELETE"));
    return next(request);
  };
}

/** The PUT or POST that makes a blob is answered with 201, whatever its bytes are, and there is no such blob afterwards. */
export function loseBlob(): Effect {
  return async (request, next, { registry }) => {
    const { pathname, searchParams, origin } = new URL(request.url);
    const digest = searchParams.get("digest");
    const [, repository] = /^\/v2\/(.+)\/blobs\/uploads\/?[^/]*$/u.exec(pathname) ?? [];
    if (digest === null || repository === undefined) return next(request);
    await drain(request.body);
    let session = request.url;
    if (request.method === "POST") {
      const opened = await registry(own(request, "POST", origin + pathname));
      const location = opened.headers.get("Location");
      if (location === null) return opened;
      session = new URL(location, request.url).href;
    }
    const ended = await registry(own(request, "DELETE", session));
    if (!ended.ok) return ended;
    const headers = {
      "Content-Length": "0",
      "Docker-Content-Digest": String(newHash(digest)),
      Location: `/v2/${repository}/blobs/${digest}`,
    };
    return new Response(null, { status: 201, headers });
  };
}

/** From this request on, the token or password that it comes with counts no more: it is asked for as if there were none. */
export function expireCredentials(): Effect {
  return (request, next, { expire }) => {
    const authorization = request.headers.get("Authorization");
    if (authorization !== null) expire(authorization);
    return next(request);
  };
}

/** A request without a body to what another one is to, with its credentials. */
function own(request: Request, method: string, url: string = request.url): Request {
  const authorization = request.headers.get("Authorization");
  return new Request(url, {
    method,
    headers: authorization === null ? {} : { Authorization: authorization },
  });
}
