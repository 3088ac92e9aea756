import { expect, it } from "vitest";
import { CALAMITIES, FAMILIES } from "./harness/calamities.js";
import { FLOWS } from "./harness/flows.js";
import { KINDS } from "./harness/steps.js";
import { attempt } from "./harness/trial.js";

const runs = await Promise.all(FLOWS.map((flow) => async () => ({ flow, ...(await attempt(flow)) })));
const seen: { flow: (typeof FLOWS)[0]; steps: Awaited<ReturnType<typeof attempt>>["steps"] }[] = [];
for (const run of runs) seen.push(await run());

it("the flows ask all that there is to ask, and nothing that is not known here", () => {
  const asked = new Set(seen.flatMap(({ steps }) => steps.map(({ kind }) => kind)));
  expect([...asked].sort()).toEqual(KINDS.filter((kind) => kind !== "elsewhere").sort());
});

it("every step of a flow is struck, there or in another flow, by all that can strike it", () => {
  const struck = new Set(
    seen.flatMap(({ flow, steps }) =>
      steps.flatMap((step) =>
        CALAMITIES.filter(({ strikes }) => strikes(step.kind))
          .filter((calamity) => flow.strikes?.(step, calamity) ?? true)
          .map(({ name }) => `${step.kind}: ${name}`),
      ),
    ),
  );
  const missed = KINDS.filter((kind) => kind !== "elsewhere").flatMap((kind) =>
    CALAMITIES.filter(({ strikes, name }) => strikes(kind) && !struck.has(`${kind}: ${name}`)).map(
      ({ name }) => `${kind}: ${name}`,
    ),
  );
  expect(missed).toEqual([]);
});

it("every family of faults has one", () => {
  expect(new Set(CALAMITIES.map(({ family }) => family))).toEqual(new Set(FAMILIES));
});
