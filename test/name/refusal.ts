import { expect } from "vitest";
import { NameError } from "../../src/name/index.js";

/** Runs what must be refused, and gives the NameError that refused it. */
export function refusal(attempt: () => unknown): NameError {
  let outcome: unknown;
  try {
    outcome = attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(NameError);
    return error as NameError;
  }
  throw new Error(`was accepted: ${JSON.stringify(outcome)}`);
}
