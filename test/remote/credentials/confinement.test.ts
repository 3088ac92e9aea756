import { describe, expect, it } from "vitest";
import { runFlows } from "./client.js";
import { kinds } from "./kinds.js";
import { detourTo, type Place, places } from "./places.js";
import { CDN, REGISTRY, type Scheme, TOKENS, UPLOADS, type World } from "./world.js";

/**
 * Who may see which secret, whatever happens. A token of the token server names its user, so that the registry may see the name; what it must
 * not see is the password, and what is exchanged for tokens.
 */
const ALLOWED: Readonly<Record<Scheme, Readonly<Record<string, readonly string[]>>>> = {
  basic: {
    user: [REGISTRY],
    password: [REGISTRY],
    "refresh token": [],
    token: [REGISTRY],
    "upload signature": [REGISTRY, UPLOADS],
    "redirect signature": [CDN],
  },
  bearer: {
    user: [TOKENS, REGISTRY],
    password: [TOKENS],
    "refresh token": [TOKENS],
    token: [REGISTRY],
    "upload signature": [REGISTRY, UPLOADS],
    "redirect signature": [CDN],
  },
};

/** What hosts saw that they must not, as "secret at host". */
function leaks(world: World, scheme: Scheme, { allows }: Place): readonly string[] {
  return [...world.seen()].flatMap(([origin, secrets]) =>
    [...secrets]
      .filter((secret) => {
        const hosts = [...(ALLOWED[scheme][secret] ?? []), ...(allows?.[secret] ?? [])];
        return !hosts.includes(origin);
      })
      .map((secret) => `${secret} at ${origin}`),
  );
}

/** Hosts that nothing must be asked of, whatever anybody says. */
const UNASKED = /^http:|foreign|169\.254|10\.1\.2\.3/;

const cases = (["basic", "bearer"] as const).flatMap((scheme) => kinds.map((kind) => ({ scheme, kind })));

/** Those that differ in what they do; where nothing leads elsewhere all of them are tried. */
const different = cases.filter(({ scheme, kind }) => kind.differs.includes(scheme));

describe.each(places)("with $name", (place) => {
  it.each(place === places[0] ? cases : different)(
    "acceptance 56: $kind.name of a client of a $scheme registry stays where it belongs",
    async ({ scheme, kind }) => {
      const { world, failures } = await runFlows(detourTo(place), kind, scheme);
      expect(leaks(world, scheme, place)).toEqual([]);
      expect(world.sent.filter(({ url }) => UNASKED.test(url.origin)).map(String)).toEqual([]);
      if (place.arrives === true && kind.lets.includes(scheme)) {
        expect(failures).toEqual([]);
      }
    },
  );
});
