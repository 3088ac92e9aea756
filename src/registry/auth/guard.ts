import { RefusalError } from "../refusal.js";
import type { Access } from "./access.js";

/** The repositories that a client has been let pull from; undefined for all of them. */
export type Pullable = readonly string[] | undefined;

/** Stands before the endpoints of a registry. */
export interface Guard {
  /**
   * Lets a request pass.
   *
   * @param needed what it is about to do
   * @returns what beside that it may read
   * @throws {RefusalError} 401 UNAUTHORIZED, with a `WWW-Authenticate` header that says what would help
   */
  admit(request: Request, needed: readonly Access[]): Promise<Pullable>;
  /**
   * Answers a request to an endpoint of the guard's own; undefined if it is to none of them.
   *
   * @throws {RefusalError}
   */
  answer(request: Request): Promise<Response | undefined>;
}

/** One value of a header, in quotes. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/gu, "\\$&")}"`;
}

/** @param challenge the value of `WWW-Authenticate` (RFC 9110, section 11.6.1) */
export function unauthorized(challenge: string, message: string, detail?: unknown): RefusalError {
  return new RefusalError(401, "UNAUTHORIZED", message, {
    detail,
    headers: { "WWW-Authenticate": challenge },
  });
}
