import { asGo, asHex, decodedOf, echoOf, errorsOf, shownIn } from "./echo.js";
import { at, atRegistry, type Fault, isUpload, refusing, shown, withHeader } from "./fault.js";
import { CDN } from "./world.js";

/** A body that breaks off, with words about what was asked. */
function breaking(request: Request, echo: Record<string, unknown>): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) =>
        controller.error(new Error(`connection lost to ${request.url}: ${JSON.stringify(echo)}`)),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": "application/json" } });
}

const isList = (request: Request): boolean => shown(request) && /tags\/list|_catalog/.test(request.url);
const isManifest = (request: Request): boolean => shown(request) && request.url.includes("/manifests/");
const isRead = (request: Request): boolean => shown(request) && request.method === "GET";

/** What registries do wrong, and the stores behind them. */
export const registryFaults: readonly Fault[] = [
  ...[401, 403, 404, 429, 500].flatMap((status) => [
    {
      name: `a ${status} in JSON`,

      detour: atRegistry(refusing(status, (echo) => JSON.stringify(errorsOf(echo)))),
    },
    {
      name: `a ${status} in words`,

      detour: atRegistry(refusing(status, (echo) => `<p>${JSON.stringify(echo)}</p>`)),
    },
  ]),
  {
    name: "a 403 in Go's JSON",

    detour: atRegistry(refusing(403, (echo) => asGo(errorsOf(echo)))),
  },
  {
    name: "a 403 in JSON that is escaped altogether",

    detour: atRegistry(refusing(403, (echo) => asHex(echo))),
  },
  {
    name: "a 403 in base64 and in a URL",

    detour: atRegistry(
      refusing(
        403,
        ({ authorization, decoded }) =>
          `${Buffer.from(String(authorization)).toString("base64")} ${encodeURIComponent(String(decoded))} ${new URLSearchParams({ a: String(decoded) })}`,
      ),
    ),
  },
  ...[
    ["at no address", (text: string, sign: string) => `https://[${text}/?_state=${sign}&x=${text}`],
    [
      "with a user name and password",
      (text: string, sign: string) => `https://me:${text}@uploads.example/?_state=${sign}`,
    ],
    [
      "within the client's network",
      (text: string, sign: string) => `https://10.0.0.1/${text}?_state=${sign}&digest=${text}`,
    ],
    ["of another protocol", (text: string, sign: string) => `ftp://uploads.example/${text}?_state=${sign}`],
    ["over http", (text: string, sign: string) => `http://uploads.example/${text}?_state=${sign}`],
  ].map(([where, locate]) => ({
    name: `an upload ${where}`,

    detour: atRegistry(
      withHeader("location", (request, world) =>
        (locate as (text: string, sign: string) => string)(
          encodeURIComponent(decodedOf(request)),
          world.uploadSignature,
        ),
      ),
      isUpload("POST"),
    ),
  })),
  {
    name: "reads that lead in circles",

    detour: atRegistry(
      (request, world) =>
        new Response(null, {
          status: 307,
          headers: {
            location: `${request.url.split("?")[0]}?X-Signature=${world.redirectSignature}&t=${encodeURIComponent(decodedOf(request))}`,
          },
        }),
      isRead,
    ),
  },
  {
    name: "reads that lead within the client's network",

    detour: atRegistry(
      (request, world) =>
        new Response(null, {
          status: 307,
          headers: {
            location: `https://192.168.0.1/${encodeURIComponent(decodedOf(request))}?X-Signature=${world.redirectSignature}`,
          },
        }),
      isRead,
    ),
  },
  {
    name: "a store that explains why a signature is wrong",

    place: "blobs in a store of another host",
    detour: at(CDN, async (request) => {
      const text = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${JSON.stringify(await echoOf(request))}</StringToSign></Error>`;
      return new Response(text, { status: 403 });
    }),
  },
  {
    name: "a Link that is none",

    detour: atRegistry(
      withHeader("link", (request) => `<${shownIn(request)}`),
      isList,
    ),
  },
  {
    name: "a Link to another host",

    detour: atRegistry(
      withHeader(
        "link",
        (request) => `<https://x.example/${shownIn(request)}?digest=${shownIn(request)}>; rel="next"`,
      ),
      isList,
    ),
  },
  {
    name: "lists that are none",

    detour: atRegistry(
      async (request) => new Response(asGo({ tags: await echoOf(request), repositories: 1 })),
      isList,
    ),
  },
  {
    name: "lists that are not JSON",

    detour: atRegistry(
      async (request) => new Response(`${JSON.stringify(await echoOf(request)).slice(1)}`),
      isList,
    ),
  },
  {
    name: "digests that are none",

    detour: atRegistry(withHeader("docker-content-digest", shownIn), isManifest),
  },
  {
    name: "digests of blobs that are none",

    detour: atRegistry(withHeader("docker-content-digest", shownIn), isUpload("PUT")),
  },
  {
    name: "media types that are none",

    detour: atRegistry(withHeader("content-type", shownIn), isManifest),
  },
  {
    name: "manifests that are none",

    detour: atRegistry(
      async (request) =>
        new Response(JSON.stringify(await echoOf(request)), {
          headers: { "content-type": "application/vnd.oci.image.index.v1+json" },
        }),
      isManifest,
    ),
  },
  {
    name: "answers that break off",

    detour: atRegistry(async (request) => breaking(request, await echoOf(request)), isRead),
  },
];
