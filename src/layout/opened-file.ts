import { quietly, unlessAborted } from "../bytes/index.js";
import type { CallOptions } from "../v1/index.js";
import type { StoredFile } from "./storage.js";

/** A file that is being opened, unless the signal is aborted before it is there; what opens nevertheless is closed. */
export function openedFile(
  opening: Promise<StoredFile | undefined>,
  { signal }: CallOptions,
): Promise<StoredFile | undefined> {
  return unlessAborted(signal, opening, (late) => {
    if (late !== undefined) quietly(late.stream.cancel(signal?.reason));
  });
}
