import { expect } from "vitest";
import { ValidationError, type ValidationProblem } from "../../src/validate/index.js";

/** What a validation found to be wrong; it must have found something. */
export async function problemsOf(validation: Promise<void>): Promise<readonly ValidationProblem[]> {
  const error = await validation.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ValidationError);
  return (error as ValidationError).problems;
}
