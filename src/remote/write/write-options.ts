import type { RemoteOptions } from "../options.js";
import { newPusher, type Pusher } from "./pusher.js";

/** How something is written to a registry. */
export interface WriteOptions extends RemoteOptions {
  /** Writes in place of a pusher of this call's own. Beside it only `signal` and `onProgress` are heeded. */
  readonly reuse?: Pusher | undefined;
}

/** @throws {RemoteOptionError} if the options contradict each other */
export function pusherOf(options: WriteOptions): Pusher {
  return options.reuse ?? newPusher(options);
}
