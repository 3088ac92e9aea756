import { accessFor, type Guard, type Pullable } from "./auth/index.js";
import { deleteBlob, readBlob } from "./blobs.js";
import { jsonResponse } from "./json-response.js";
import { listRepositories, listTags } from "./listing.js";
import { deleteManifest, readManifestAt, writeManifest } from "./manifests.js";
import { listReferrers } from "./referrers.js";
import { RefusalError } from "./refusal.js";
import { parseRoute, type Route } from "./route.js";
import type { RegistryState } from "./state.js";
import { cancelUpload, finishUpload, patchUpload, startUpload, uploadStatus } from "./uploads.js";

type Methods = Readonly<Record<string, (pullable: Pullable) => Response | Promise<Response>>>;

/**
 * Finds the endpoint that a request is for, asks the guard whether it may pass, and answers it.
 *
 * @param guard undefined where everyone may do everything
 * @throws {RefusalError} 404 or 405 UNSUPPORTED for what is none of the protocol, and whatever the guard and the endpoints refuse
 */
export async function answer(
  state: RegistryState,
  guard: Guard | undefined,
  request: Request,
): Promise<Response> {
  const guardsAnswer = await guard?.answer(request);
  if (guardsAnswer !== undefined) return guardsAnswer;
  const route = parseRoute(new URL(request.url).pathname);
  if (route === undefined) {
    throw new RefusalError(
      404,
      "UNSUPPORTED",
      "this path is none of the registry protocol, which is under /v2/",
    );
  }
  const methods = methodsOf(state, request, route);
  const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  if (method === undefined) {
    throw new RefusalError(405, "UNSUPPORTED", `${request.method} is not for this path`, {
      headers: { Allow: Object.keys(methods).join(", ") },
    });
  }
  return method(await guard?.admit(request, accessFor(route, request)));
}

function methodsOf(state: RegistryState, request: Request, route: Route): Methods {
  switch (route.kind) {
    case "base":
      return forReading(() => jsonResponse({}));
    case "catalog":
      return forReading(() => listRepositories(state, request));
    case "tags":
      return forReading(() => listTags(state, request, route.repository));
    case "referrers":
      return forReading(() => listReferrers(state, request, route.repository, route.reference));
    case "blob":
      return {
        ...forReading(() => readBlob(state, request, route.repository, route.reference)),
        DELETE: () => deleteBlob(state, route.repository, route.reference),
      };
    case "manifest":
      return {
        ...forReading(() => readManifestAt(state, request, route.repository, route.reference)),
        PUT: () => writeManifest(state, request, route.repository, route.reference),
        DELETE: () => deleteManifest(state, route.repository, route.reference),
      };
    case "uploads":
      return { POST: (pullable) => startUpload(state, request, route.repository, pullable) };
    case "upload":
      return {
        ...forReading(() => uploadStatus(state, route.repository, route.id)),
        PATCH: () => patchUpload(state, request, route.repository, route.id),
        PUT: () => finishUpload(state, request, route.repository, route.id),
        DELETE: () => cancelUpload(state, route.repository, route.id),
      };
  }
}

function forReading(read: () => Response | Promise<Response>): Methods {
  return { GET: read, HEAD: read };
}
