import type { RemoteOptions } from "../options.js";
import type { ResumableOptions } from "../resumable/options.js";
import { newPusher, type Pusher } from "./pusher.js";

/** How something is written to a registry. */
export interface WriteOptions extends RemoteOptions {
  /** Writes in place of a pusher of this call's own. Beside it only `signal` and `onProgress` are heeded. */
  readonly reuse?: Pusher | undefined;
}

/** How one layer is written to a registry. */
export interface WriteLayerOptions extends WriteOptions {
  /** Makes the push one that another call, in another process, can go on with. It is heeded beside `reuse`, too. */
  readonly resumable?: ResumableOptions | undefined;
}

/** @throws {RemoteOptionError} if the options contradict each other */
export function pusherOf(options: WriteOptions): Pusher {
  return options.reuse ?? newPusher(options);
}
