import { unlessAborted } from "../bytes/index.js";
import type { Describable } from "../partial/index.js";
import type { CallOptions } from "../v1/index.js";
import { unlessNotComputed } from "../v1/unless-not-computed.js";

/** What a thing is written as: of one digest, an index has children to be written, and a layer has none. */
export type Kind = "image" | "index" | "layer";

/**
 * What has been come to, by its kind and its digest; what doesn't know its digest yet, by what it is. Indexes that list one another
 * many times are as many paths as one likes, but only so many indexes.
 */
export class Visited {
  readonly #seen = new Set<string | Describable>();

  /** Whether this is the first time; it is no longer afterwards. */
  async isFirst(kind: Kind, object: Describable, options: CallOptions = {}): Promise<boolean> {
    const digest = await digestIfKnown(object, options);
    const key = digest === undefined ? undefined : `${kind} ${digest}`;
    const isNew = !this.#seen.has(object) && (key === undefined || !this.#seen.has(key));
    this.#seen.add(object);
    if (key !== undefined) this.#seen.add(key);
    return isNew;
  }
}

async function digestIfKnown(object: Describable, { signal }: CallOptions): Promise<string | undefined> {
  return (await unlessNotComputed(unlessAborted(signal, object.digest({ signal }))))?.toString();
}
