import { decodedOf, echoOf, errorsOf } from "./echo.js";
import { at, type Fault, refusing } from "./fault.js";
import { TOKENS } from "./world.js";

/** What token servers do wrong. */
export const tokenFaults: readonly Fault[] = [
  ...[400, 401, 403, 500].map((status) => ({
    name: `a token server's ${status}`,

    detour: at(
      TOKENS,
      refusing(status, (echo) => JSON.stringify({ ...echo, ...errorsOf(echo) })),
    ),
  })),
  {
    name: "a token server's echo",

    detour: at(TOKENS, async (request) => Response.json(await echoOf(request))),
  },
  {
    name: "a token server that makes names of what it was shown",

    detour: at(TOKENS, async (request) =>
      Response.json({ [JSON.stringify(await echoOf(request))]: 1, [decodedOf(request)]: 2 }),
    ),
  },
  {
    name: "a token server that says nothing that is JSON",

    detour: at(TOKENS, async (request) => new Response(`${JSON.stringify(await echoOf(request))};`)),
  },
  {
    name: "a token server that gives a token with another status",

    detour: at(TOKENS, async (request, world) => {
      const answer = await world.answer(request);
      return new Response(answer.body, { status: answer.status === 200 ? 201 : answer.status });
    }),
  },
  {
    name: "a token server that gives a token that is none",

    detour: at(TOKENS, (request) => Response.json({ token: `${decodedOf(request)}\n` })),
  },
  {
    name: "a token server that leads in circles",

    detour: at(TOKENS, (request) => {
      const location = `/token?again=${encodeURIComponent(decodedOf(request))}`;
      return new Response(null, { status: 307, headers: { location } });
    }),
  },
];
