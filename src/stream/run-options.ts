import type { MachineOptions } from "../v1/index.js";
import type { Spool } from "./spool.js";

/** Where a layer goes on that was begun elsewhere. */
export interface Resumption {
  readonly checkpoint: Uint8Array;
  /** The level that it must have been taken at; any if undefined. */
  readonly level: number | undefined;
}

/** What not every pass over a source has. */
export interface RunOptions {
  /** How the machine is made. */
  readonly machine?: MachineOptions | undefined;
  readonly resumption?: Resumption | undefined;
  /** It is given each piece before the taker is. */
  readonly spool?: Spool | undefined;
}
