import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseChallenge, parseChallenges } from "../../../src/remote/auth/challenge.js";

function read(header: string): [string, Record<string, string>][] {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

describe("WWW-Authenticate", () => {
  it.each<[string, [string, Record<string, string>][]]>([
    ["", []],
    ["Basic", [["basic", {}]]],
    ['Basic realm="x"', [["basic", { realm: "x" }]]],
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [
        [
          "bearer",
          {
            realm: "https://auth.example/token",
            service: "registry.example",
            scope: "repository:a/b:pull,push",
          },
        ],
      ],
    ],
    [
      'BEARER Realm = "a" , SERVICE=b, Basic realm="c"',
      [
        ["bearer", { realm: "a", service: "b" }],
        ["basic", { realm: "c" }],
      ],
    ],
    [
      'Negotiate, Basic realm="c, d=e"',
      [
        ["negotiate", {}],
        ["basic", { realm: "c, d=e" }],
      ],
    ],
    ['Bearer realm="a \\"quoted\\" \\\\ b"', [["bearer", { realm: 'a "quoted" \\ b' }]]],
    ['Bearer realm="first",realm="second"', [["bearer", { realm: "first" }]]],
    ['Bearer realm="never closed', [["bearer", { realm: "" }]]],
    ["é", []],
  ])("%j is read", (header, challenges) => {
    expect(read(header)).toEqual(challenges);
  });

  it("is read back, whatever the values", () => {
    const token = fc.stringMatching(/^[a-z]{1,8}$/);
    const challenge = fc.tuple(
      token,
      fc.dictionary(token, fc.string(), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    );
    fc.assert(
      fc.property(fc.array(challenge, { minLength: 1, maxLength: 3 }), (challenges) => {
        const header = challenges
          .map(([scheme, parameters]) => {
            const pairs = Object.entries(parameters).map(
              ([name, value]) => `${name}="${value.replace(/["\\]/g, "\\$&")}"`,
            );
            return `${scheme} ${pairs.join(", ")}`;
          })
          .join(", ");
        expect(read(header)).toEqual(challenges);
      }),
    );
  });

  it("does no harm, whatever it is", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (header) => Array.isArray(parseChallenges(header))));
  });

  it("that is basic or bearer is answered, the first of them; else the first", () => {
    const chosen = (header: string): string | undefined => chooseChallenge(parseChallenges(header))?.scheme;
    expect(chosen('Negotiate, Bearer realm="a", Basic realm="b"')).toBe("bearer");
    expect(chosen('Basic realm="b", Bearer realm="a"')).toBe("basic");
    expect(chosen("Negotiate, NTLM")).toBe("negotiate");
    expect(chosen("")).toBeUndefined();
  });
});
