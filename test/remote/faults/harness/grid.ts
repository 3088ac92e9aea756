import { describe, expect, it } from "vitest";
import { CALAMITIES, type Cell } from "./calamities.js";
import type { Flow } from "./flow.js";
import { judge } from "./judge.js";
import type { Kind, Step } from "./steps.js";
import { attempt, type Outcome } from "./trial.js";
import { verdictOf } from "./verdicts.js";

/**
 * Strikes every step of flows with everything that can strike it, once, and whenever it is tried; one test for each kind of step. The steps are
 * those of a run in which nothing is struck.
 */
export async function strike(flows: readonly Flow[]): Promise<void> {
  for (const flow of flows) {
    const clean = await attempt(flow);
    describe(flow.name, () => {
      it("ends as it should when nothing goes wrong", () => {
        expect(clean.failure).toEqual(
          flow.refused === undefined ? undefined : expect.objectContaining({ code: flow.refused }),
        );
        expect(clean).toMatchObject({ openUploads: 0, left: [] });
        expect(clean.steps).not.toContainEqual(expect.objectContaining({ kind: "elsewhere" }));
      });

      for (const [kind, steps] of stepsOf(clean)) {
        const cells = steps.flatMap((step) => cellsOf(flow, step));
        if (cells.length > 0) {
          it(`ends as it should at ${kind}, whatever goes wrong there (${cells.length} ways)`, async () => {
            expect(await objectionsTo(flow, clean, cells)).toEqual([]);
          });
        }
      }
    });
  }
}

async function objectionsTo(flow: Flow, clean: Outcome, cells: readonly Cell[]): Promise<string[]> {
  const objections: string[] = [];
  for (const cell of cells) objections.push(...(await judge(flow, clean, cell)));
  return objections;
}

/** The cells of a step. One that fails for good when it is struck once is not tried again, so that "always" would be the very same. */
function cellsOf(flow: Flow, step: Step): Cell[] {
  return CALAMITIES.filter(
    (calamity) => calamity.strikes(step.kind) && (flow.strikes?.(step, calamity) ?? true),
  ).flatMap((calamity) => {
    const once = { step, calamity, always: false };
    return verdictOf(flow, once) === "fails" ? [once] : [once, { ...once, always: true }];
  });
}

function stepsOf({ steps }: Outcome): ReadonlyMap<Kind, readonly Step[]> {
  const kinds = new Map<Kind, Step[]>();
  for (const step of steps) kinds.set(step.kind, [...(kinds.get(step.kind) ?? []), step]);
  return kinds;
}
