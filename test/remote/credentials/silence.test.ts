import { describe, expect, it } from "vitest";
import { runFlows } from "./client.js";
import { failures as networkFailures } from "./failures.js";
import { detourOf, type Fault } from "./fault.js";
import { kinds } from "./kinds.js";
import { registryFaults } from "./registry-faults.js";
import { tokenFaults } from "./token-faults.js";

const [password] = kinds.filter(({ name }) => name === "a user name and password");
const [identity] = kinds.filter(({ name }) => name === "an identity token");

/** What shows different things to a registry and what stands behind it, and to a token server. */
const toRegistry = [
  { scheme: "basic", kind: password! },
  { scheme: "bearer", kind: identity! },
] as const;
const toTokenServer = [
  { scheme: "bearer", kind: password! },
  { scheme: "bearer", kind: identity! },
] as const;

const cases = [
  ...[...registryFaults, ...networkFailures].map((fault) => ({ ...fault, clients: toRegistry })),
  ...tokenFaults.map((fault) => ({ ...fault, clients: toTokenServer })),
] satisfies readonly Fault[];

describe.each(cases)("after $name", ({ clients, ...fault }) => {
  it("no error and no event tells a secret, to whomever looks at all of it", async () => {
    let failed = 0;
    for (const { scheme, kind } of clients) {
      const told: unknown[] = [];
      const note = (event: unknown): void => void told.push(event);
      const retryPredicate = (failure: unknown): boolean => {
        note(failure);
        return false;
      };
      const { world, failures } = await runFlows(detourOf(fault), kind, scheme, {
        onProgress: note,
        retryPredicate,
      });
      failed += failures.length;
      for (const [flow, failure] of [...failures, ...told.map((each) => ["told", each] as const)]) {
        // An error may well be about a user.
        expect({ flow, tells: world.secrets.inside(failure).filter((what) => what !== "user") }).toEqual({
          flow,
          tells: [],
        });
      }
    }
    expect(failed).toBeGreaterThan(0);
  });
});
