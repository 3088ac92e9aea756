import type { Describable } from "../partial/index.js";
import { descriptor } from "../partial/index.js";
import type { CallOptions, Descriptor, Image, ImageIndex, Layer } from "../v1/index.js";

/** What an index can list: images, further indexes, layers, and anything else that can be described. */
export type Appendable = Image | ImageIndex | Layer | Describable;

/**
 * What is put into an index, and what the index says of it in place of its own descriptor: a field that is absent, empty or
 * 0 is the own descriptor's.
 */
export interface IndexAddition extends Partial<Descriptor> {
  readonly add: Appendable;
}

/** @throws {NotComputedError} while it depends on a stream that has not been read to its end */
export async function describeIndexAddition(
  { add, ...overrides }: IndexAddition,
  options: CallOptions,
): Promise<Descriptor> {
  const given = Object.entries(overrides).filter(([, value]) => !isEmpty(value));
  return { ...(await descriptor(add, options)), ...Object.fromEntries(given) };
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !value;
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length === 0;
  return Object.keys(value).length === 0;
}
