import { hashOf } from "../bytes/index.js";
import {
  type CallOptions,
  type Descriptor,
  encodeIndexManifest,
  type Hash,
  type ImageIndex,
  type IndexManifest,
  type MediaType,
} from "../v1/index.js";
import { type Appendable, describeIndexAddition, type IndexAddition } from "./index-addition.js";

/** What an index differs in from its base; what is absent is the base's. */
export interface IndexMutation {
  readonly additions?: readonly IndexAddition[];
  /** Tells which of the base's children are left out. */
  readonly remove?: (descriptor: Descriptor) => boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: Descriptor;
  readonly mediaType?: MediaType;
}

/** What a mutated index is, once everything that goes into it is known. */
export interface ComputedIndex {
  readonly manifest: IndexManifest;
  readonly raw: Uint8Array;
  readonly digest: Hash;
  /** The children that were added, by their digests. */
  readonly added: ReadonlyMap<string, Appendable>;
}

/** @throws {NotComputedError} while a child has a stream that has not been read to its end */
export async function computeIndex(
  base: ImageIndex,
  mutation: IndexMutation,
  options: CallOptions,
): Promise<ComputedIndex> {
  const { additions = [], annotations, mediaType } = mutation;
  const added = new Map<string, Appendable>();
  const descriptors: Descriptor[] = [];
  for (const addition of additions) {
    const own = await describeIndexAddition(addition, options);
    descriptors.push(own);
    added.set(String(own.digest), addition.add);
  }
  const manifest = await base.indexManifest(options);
  const subject = mutation.subject ?? manifest.subject;
  const mutated: IndexManifest = {
    ...manifest,
    ...(mediaType === undefined ? {} : { mediaType }),
    manifests: [...keptManifests(manifest, mutation), ...descriptors],
    ...(annotations === undefined ? {} : { annotations: { ...manifest.annotations, ...annotations } }),
    ...(subject === undefined ? {} : { subject }),
  };
  const raw = encodeIndexManifest(mutated);
  return { manifest: mutated, raw, digest: await hashOf(raw), added };
}

/** What the base lists and the mutation leaves. */
export function keptManifests(
  { manifests = [] }: IndexManifest,
  { remove }: IndexMutation,
): readonly Descriptor[] {
  return remove === undefined ? manifests : manifests.filter((each) => !remove(each));
}
