import { echoOf, shownIn } from "./echo.js";
import { answerElsewhere } from "./flows.js";
import { places } from "./places.js";
import { type Detour, REGISTRY, type World } from "./world.js";

/** Something that goes wrong, and tells what it was shown. */
export interface Fault {
  readonly name: string;
  readonly detour: Detour;
  /** Where it goes wrong, of the places that clients are led to. Default: nowhere else. */
  readonly place?: string;
}

/** What goes wrong, at the place where it does. */
export function detourOf({ detour, place: name = "nowhere else" }: Fault): Detour {
  const place = places.find((each) => each.name === name)!;
  return async (request, world) =>
    answerElsewhere(request) ?? (await detour(request.clone(), world)) ?? place.detour(request, world);
}

export type Told = (request: Request, world: World) => Response | Promise<Response>;

export const shown = (request: Request): boolean => request.headers.has("authorization");

/** Goes wrong where a registry is asked by somebody who may. */
export function atRegistry(told: Told, when: (request: Request) => boolean = shown): Detour {
  return (request, world) =>
    new URL(request.url).origin === REGISTRY && when(request) ? told(request, world) : undefined;
}

export function at(origin: string, told: Told): Detour {
  return (request, world) => (new URL(request.url).origin === origin ? told(request, world) : undefined);
}

export const isUpload = (method: string) => (request: Request) =>
  shown(request) && request.method === method && request.url.includes("/blobs/uploads/");

export function refusing(status: number, text: (echo: Record<string, unknown>) => string): Told {
  return async (request) => {
    const echo = shownIn(request);
    const headers = { "www-authenticate": `Bearer realm="${echo}",service="x",${echo}`, warning: echo };
    return new Response(text(await echoOf(request)), { status, headers, statusText: echo.slice(0, 400) });
  };
}

export function withHeader(name: string, value: (request: Request, world: World) => string): Told {
  return async (request, world) => {
    const answer = await world.answer(request.clone());
    const headers = new Headers(answer.headers);
    headers.set(name, value(request, world));
    return new Response(answer.body, { status: answer.status, headers });
  };
}
