import { VarveError } from "../../../../src/core/index.js";
import type { Cell } from "./calamities.js";
import type { Flow } from "./flow.js";
import { attempt, type Outcome } from "./trial.js";
import { type End, triesOf, verdictOf } from "./verdicts.js";

/** Does a cell, and says in words what is wrong with what came of it; nothing if it is as it should be. */
export async function judge(flow: Flow, clean: Outcome, cell: Cell): Promise<readonly string[]> {
  const { step, calamity, always } = cell;
  const name = `${step.kind} ${step.nth}, ${calamity.name}, ${always ? "always" : "once"}`;
  const end = verdictOf(flow, cell);
  let outcome: Outcome;
  try {
    outcome = await attempt(flow, cell);
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
  return [...objectionsToEnd(flow, clean, cell, end, outcome), ...objectionsToRest(cell, outcome)].map(
    (objection) => `${name}: should be "${end}", ${objection}`,
  );
}

/** Does a cell of which it is not known whether it should fail, and says in words what is wrong with what came of it. */
export async function objectionsWhateverComes(
  flow: Flow,
  clean: Outcome,
  cell: Cell,
): Promise<readonly string[]> {
  const { step, calamity, always } = cell;
  const name = `${step.kind} ${step.nth}, ${calamity.name}, ${always ? "always" : "once"}`;
  const outcome = await attempt(flow, cell);
  const { failure } = outcome;
  const objections =
    failure === undefined
      ? differencesOf(clean, outcome)
      : [
          ...(codeOf(failure) === undefined ? [`failed with no error of varve's: ${textOf(failure)}`] : []),
          ...(tells(flow, cell, failure) ? [] : [`failed and does not tell of it: ${textOf(failure)}`]),
        ];
  return [...objections, ...objectionsToRest(cell, outcome)].map((objection) => `${name}: ${objection}`);
}

function objectionsToEnd(flow: Flow, clean: Outcome, cell: Cell, end: End, outcome: Outcome): string[] {
  const { failure } = outcome;
  if (end === "otherwise") return failure === undefined ? [] : [`failed: ${textOf(failure)}`];
  if (end === "survives") {
    return [...differencesOf(clean, outcome), ...objectionsToWaits(flow, cell, outcome)];
  }
  if (failure === undefined) return ["succeeded"];
  const { calamity, step } = cell;
  const own = calamity.family === "silence" || flow.code === undefined;
  const code = end !== "fails" ? end : own ? calamity.code(step.kind) : flow.code;
  return [
    ...(codeOf(failure) === code ? [] : [`failed with another code than ${code}: ${textOf(failure)}`]),
    ...(tells(flow, cell, failure) ? [] : [`failed and does not tell of it: ${textOf(failure)}`]),
    ...objectionsToTries(flow, cell, outcome),
  ];
}

function objectionsToTries(flow: Flow, cell: Cell, { steps }: Outcome): string[] {
  const { step, always } = cell;
  const expected = triesOf(flow, cell);
  if (!always || expected === undefined || verdictOf(flow, { ...cell, always: false }) !== "survives")
    return [];
  const tries = steps.filter(({ kind, nth }) => kind === step.kind && nth >= step.nth).length;
  return tries === expected ? [] : [`was tried ${tries} times, and not ${expected}`];
}

/** What is tried again is left alone for as long as it asks. */
function objectionsToWaits(flow: Flow, cell: Cell, { waits }: Outcome): string[] {
  const { asksFor = 0 } = cell.calamity;
  const isTriedAgain = verdictOf(flow, { ...cell, always: true }) === "fails";
  return !isTriedAgain || waits.some((wait) => wait >= asksFor) ? [] : [`did not wait ${asksFor} ms`];
}

function differencesOf(clean: Outcome, outcome: Outcome): string[] {
  if (clean.failure !== undefined) {
    const same = codeOf(clean.failure) === codeOf(outcome.failure);
    return same ? [] : [`failed otherwise: ${textOf(outcome.failure)}`];
  }
  if (outcome.failure !== undefined) return [`failed: ${textOf(outcome.failure)}`];
  const same =
    JSON.stringify([clean.value, clean.contents]) === JSON.stringify([outcome.value, outcome.contents]);
  return same ? [] : ["succeeded, and something else is there"];
}

function objectionsToRest({ step, calamity }: Cell, { openUploads, steps, left }: Outcome): string[] {
  const tried = steps.some(({ kind }) => kind === "DELETE upload");
  const excused = calamity.hidesUpload?.(step.kind) === true || (tried && step.kind === "DELETE upload");
  return [...left, ...(openUploads > 0 && !excused ? [`${openUploads} uploads are open`] : [])];
}

/** An abortion may show itself as the signal's reason. */
function codeOf(failure: unknown): string | undefined {
  if (failure instanceof VarveError) return failure.code;
  return failure instanceof Error && failure.message === "enough" ? "ERR_VARVE_ABORTED" : undefined;
}

/** Whether an error tells of what was struck, or of what had gone wrong before that. */
function tells(flow: Flow, { calamity }: Cell, failure: unknown): boolean {
  const { status, words } = calamity.tells;
  const [first] = chainOf(failure);
  const text = String(first?.message);
  return (
    (status !== undefined &&
      (Reflect.get(Object(first), "status") === status || text.includes(` ${status}`))) ||
    words?.test(text) === true ||
    (calamity.family === "silence" && chainOf(failure).at(-1)?.message === "enough") ||
    flow.tells?.test(text) === true
  );
}

function textOf(failure: unknown): string {
  return chainOf(failure)
    .map(({ message }) => message)
    .join(" <- ");
}

function chainOf(failure: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let each = failure; each instanceof Error && chain.length < 8; each = each.cause) chain.push(each);
  return chain;
}
