import type { Handler } from "../handler.js";

/** Something that goes wrong with certain requests. */
export interface Fault {
  /** The methods that it strikes. Default: all. */
  readonly method?: string | readonly string[] | undefined;
  /** What the path with its query must match. Default: anything. */
  readonly path?: RegExp | undefined;
  /** What else must hold of a request. */
  readonly when?: ((request: Request) => boolean) | undefined;
  /** The first of the matching requests that is struck, counted from 1. Default: 1. */
  readonly nth?: number | undefined;
  /** How many of them are struck, one after the other. Default: 1; `Infinity` for all from then on. */
  readonly times?: number | undefined;
  /** What happens: one of this package's {@link Effect}s, or any function like them. */
  readonly effect: Effect;
}

/**
 * What happens to a request that is struck.
 *
 * @param next answers as if there were no fault, apart from further ones that strike the same request
 * @throws {ConnectionLossError} for a connection that breaks without an answer
 */
export type Effect = (
  request: Request,
  next: (request: Request) => Promise<Response>,
  behind: Behind,
) => Response | Promise<Response>;

/** What an effect may use behind the faults. */
export interface Behind {
  /** The registry itself, for requests of the effect's own, which are not counted. */
  readonly registry: Handler;
  /** From now on, the registry does not see this value of `Authorization`. */
  readonly expire: (authorization: string) => void;
}

/** One time that a fault struck. */
export interface Strike {
  readonly fault: Fault;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}
