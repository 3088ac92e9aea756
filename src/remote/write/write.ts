import type { Reference } from "../../name/index.js";
import type { Descriptor, Image, ImageIndex } from "../../v1/index.js";
import type { Taggable } from "./taggable.js";
import { pusherOf, type WriteOptions } from "./write-options.js";

/**
 * Writes an image: its layers and its configuration, as far as the repository lacks them, and then the manifest. If the reference leads to
 * it already nothing is looked at further. Layers that are streams are read once and sent as they come; then the configuration and the
 * manifest are known, and follow.
 *
 * A layer that was pulled from another repository of the same registry is mounted. Layers that their publisher wants to distribute alone are
 * left out, unless `nondistributable` is given. A manifest that is about another one (`subject`) is recorded as such.
 *
 * @returns the manifest's descriptor
 * @throws what `writeLayer` throws, and what the image throws; the first failure, after what else was under way has been given up
 */
export async function write(
  reference: Reference,
  image: Image,
  options: WriteOptions = {},
): Promise<Descriptor> {
  return pusherOf(options).push(reference, image, options);
}

/** Writes an index: its children by their digests, as {@link write} does, and then itself. Children that are only listed must be there. */
export async function writeIndex(
  reference: Reference,
  index: ImageIndex,
  options: WriteOptions = {},
): Promise<Descriptor> {
  return pusherOf(options).push(reference, index, options);
}

/** Writes whatever can be written under a reference, with all that belongs to it: what {@link write} and {@link writeIndex} do. */
export async function push(
  reference: Reference,
  taggable: Taggable,
  options: WriteOptions = {},
): Promise<Descriptor> {
  return pusherOf(options).push(reference, taggable, options);
}

/**
 * Writes several images and indexes at a time. What several of them share in one repository is written once.
 *
 * @returns their descriptors, in order
 */
export async function multiWrite(
  taggables: ReadonlyMap<Reference, Taggable>,
  options: WriteOptions = {},
): Promise<readonly Descriptor[]> {
  return pusherOf(options).pushAll(taggables, options);
}

/** Writes a manifest and nothing that belongs to it, without looking what is there. */
export async function put(
  reference: Reference,
  taggable: Taggable,
  options: WriteOptions = {},
): Promise<Descriptor> {
  return pusherOf(options).put(reference, taggable, options);
}

/** Has a tag lead to a manifest that its repository has, with all that belongs to it. */
export async function tag(
  reference: Reference,
  taggable: Taggable,
  options: WriteOptions = {},
): Promise<Descriptor> {
  return put(reference, taggable, options);
}
