import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  NameError,
  type NameOptions,
  newDigest,
  newRegistry,
  newRepository,
  newTag,
  parseReference,
} from "../../src/name/index.js";

/**
 * Each host in upper and lower case, with what URLs and registries are apt to read differently among them.
 */
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${new URL(`http://[${address}]/`).hostname.slice(1, -1)}]`),
  fc.constantFrom(
    "localhost",
    "docker.io",
    "registry.local",
    "a.localhost",
    "GCR.io",
    "my_registry.x",
    "::1",
  ),
);
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
const registry = fc
  .tuple(host, port)
  .map(([name, number]) => (number === undefined || name === "::1" ? name : `${name}:${number}`));

const word = (characters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength });
const component = word("ab09_-.", 8).filter((text) => text !== "." && text !== "..");
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const tag = word("azAZ09_-.", 128).filter((text) => text !== "." && text !== "..");
const digest = fc.oneof(
  word("0123456789abcdef", 1).map((digit) => `sha256:${digit.repeat(64)}`),
  fc
    .uint8Array({ minLength: 64, maxLength: 64 })
    .map((bytes) => `sha512:${Buffer.from(bytes).toString("hex")}`),
);
/** A path that stands alone must not begin like a registry, with a dotted component. */
const repository = fc.oneof(
  path.filter((text) => !/^[^/]*\..*\//.test(text)),
  fc.tuple(registry, path).map((parts) => parts.join("/")),
);
const reference = fc
  .tuple(repository, fc.option(tag), fc.option(digest))
  .map(([name, t, d]) => `${name}${t === null ? "" : `:${t}`}${d === null ? "" : `@${d}`}`);

/** Text that is nearly a reference: real ones with something put in, and pieces in any order. */
const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .tuple(
      reference,
      fc.nat(),
      fc.constantFrom(..."@?#/\\% :.[]\t\n\0", "..", "//", "\u3002", "\uff0f", "\u00ad", "@evil.example/"),
    )
    .map(([text, at, piece]) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + piece + text.slice(index);
    }),
  fc.string({ unit: fc.constantFrom(..."a.:/@[]-_0x17\\%?#", "localhost", "127.0.0.1", "sha256:") }),
);

const options: fc.Arbitrary<NameOptions> = fc.record(
  {
    insecure: fc.boolean(),
    strict: fc.boolean(),
    defaultRegistry: fc.oneof(registry, fc.string({ unit: "binary" })),
    defaultTag: fc.oneof(tag, fc.string({ unit: "binary" })),
  },
  { requiredKeys: [] },
);

const PARSERS = { newRegistry, newRepository, newTag, newDigest, parseReference };
const many = { numRuns: 1000 };

/** What the parser makes of the text; undefined if it refuses, which it may do by a NameError only. */
function parse<T>(parser: (text: string, given: NameOptions) => T, text: string, given: NameOptions = {}) {
  try {
    return parser(text, given);
  } catch (error) {
    expect(error).toBeInstanceOf(NameError);
    return undefined;
  }
}

/** Requires that a URL built from a registry goes to that registry and nowhere else. */
function expectReached(url: URL, authority: string): void {
  const [, name, number] = /^(.*?)(?::(\d+))?$/.exec(authority)!;
  expect(url.hostname).toBe(name!.toLowerCase());
  expect(url.port || (url.protocol === "https:" ? "443" : "80")).toBe(
    number ?? (url.protocol === "https:" ? "443" : "80"),
  );
  expect([url.username, url.password, url.search, url.hash]).toEqual(["", "", "", ""]);
}

describe("names of any text", () => {
  it.each(Object.entries(PARSERS))(
    "%s gives a name or throws a NameError, and nothing else",
    (_name, parser) => {
      fc.assert(
        fc.property(fc.oneof(hostile, reference), options, (text, given) => {
          parse<unknown>(parser, text, given);
        }),
        many,
      );
    },
  );

  it("reads its own registries and repositories back as equal", () => {
    fc.assert(
      fc.property(fc.oneof(registry, hostile), (text) => {
        const parsed = parse(newRegistry, text);
        expect(parsed && newRegistry(String(parsed))).toEqual(parsed);
      }),
      many,
    );
    fc.assert(
      fc.property(fc.oneof(repository, hostile), (text) => {
        const parsed = parse(newRepository, text);
        expect(parsed && newRepository(String(parsed)).name()).toBe(parsed?.name());
      }),
      many,
    );
  });

  it("acceptance 75: reads its own references back as equal, from text, from JSON and from the full name", () => {
    fc.assert(
      fc.property(fc.oneof(reference, hostile), options, (text, given) => {
        const parsed = parse(parseReference, text, given);
        if (parsed !== undefined) {
          expect(String(parsed)).toBe(text);
          expect(parseReference(String(parsed), given)).toEqual(parsed);
          expect(parseReference(JSON.parse(JSON.stringify(parsed)), given)).toEqual(parsed);
        }
      }),
      many,
    );
    fc.assert(
      fc.property(reference, (text) => {
        const parsed = parseReference(text);
        expect(parseReference(parsed.name()).name()).toBe(parsed.name());
        expect(parseReference(parsed.name(), { strict: true }).name()).toBe(parsed.name());
      }),
      many,
    );
  });

  it("makes URLs whose host is exactly the registry's and whose path is exactly the repository's", () => {
    let reached = 0;
    fc.assert(
      fc.property(fc.oneof(hostile, reference), options, (text, given) => {
        const parsed = parse(parseReference, text, given);
        if (parsed !== undefined) {
          reached += 1;
          const pathname = `/v2/${parsed.repositoryStr()}/manifests/${parsed.identifier()}`;
          const url = new URL(`${parsed.scheme()}://${parsed.registryStr()}${pathname}`);
          expectReached(url, parsed.registryStr());
          expect(url.pathname).toBe(pathname);
        }
      }),
      many,
    );
    expect(reached).toBeGreaterThan(100);
  });
});

describe("names that are well formed", () => {
  it("takes each of them", () => {
    fc.assert(
      fc.property(reference, (text) => {
        expect(parseReference(text).name()).not.toBe("");
      }),
      many,
    );
  });

  it("finds the parts that a reference was put together from", () => {
    fc.assert(
      fc.property(registry, path, tag, (authority, where, label) => {
        const parsed = newTag(`${authority}/${where}:${label}`);
        const hub = parsed.registryStr() === "index.docker.io" && !where.includes("/");
        expect(parsed.registryStr()).toBe(newRegistry(authority).name());
        expect(parsed.repositoryStr()).toBe(hub ? `library/${where}` : where);
        expect(parsed.tagStr()).toBe(label);
      }),
      many,
    );
  });
});
