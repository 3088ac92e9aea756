import type { Problems } from "./problems.js";

/** Where what is found is told. */
export interface Report {
  readonly problems: Problems;
  readonly where: string;
  /** Called with the number of bytes of each piece that was read. */
  readonly onBytes: (bytes: number) => void;
}
