import { sameBytes } from "../bytes/index.js";
import {
  type CallOptions,
  type Descriptor,
  type Hash,
  isConfig,
  isImage,
  isIndex,
  isLayer,
  parseIndexManifest,
  parseManifest,
} from "../v1/index.js";
import { quote } from "../v1/quote.js";
import type { Blobs } from "./blobs.js";
import type { IndexFile } from "./index-file.js";
import { LayoutError } from "./layout-error.js";

/** How a layout is rid of what nothing leads to. */
export interface GarbageOptions extends CallOptions {
  /** Whether what is found is removed, and with it what writers left that were killed. Default: false. */
  readonly remove?: boolean | undefined;
  /**
   * How long ago, in milliseconds, what is removed must have been written, for a writer puts the blobs into a layout first and
   * then what leads to them. With 0 nothing is spared: say so only where nobody writes. Default: one hour.
   */
  readonly olderThan?: number | undefined;
}

const ONE_HOUR = 60 * 60 * 1000;

/** @returns what nothing leads to or, if it is to be removed, what of that was */
export async function collectGarbage(
  blobs: Blobs,
  index: IndexFile,
  options: GarbageOptions,
): Promise<readonly Hash[]> {
  const { remove = false, olderThan = ONE_HOUR, signal } = options;
  const { storage } = blobs;
  const before = olderThan > 0 ? Date.now() - olderThan : undefined;
  const found = await garbage(blobs, index, options);
  if (!remove) return found;
  const removed: Hash[] = [];
  for (const blob of found) {
    if (await storage.remove(blob, { writtenBefore: before, signal })) removed.push(blob);
  }
  await storage.removeUnfinished?.(before ?? Number.POSITIVE_INFINITY, { signal });
  return removed;
}

/** What nothing leads to, by an index that has not changed meanwhile. */
async function garbage(blobs: Blobs, index: IndexFile, options: CallOptions): Promise<Hash[]> {
  for (;;) {
    const raw = await index.read(options);
    const names = await referenced(blobs, raw, options);
    const found = await unreferenced(blobs, names, options);
    const now = await index.read(options);
    if (sameBytes(raw, now)) return found;
  }
}

/**
 * The digests of all blobs that an index leads to: what it lists, and what the images and indexes among that list, subjects
 * included.
 *
 * @throws {LayoutError} if something is listed that may lead further, but isn't known here
 * @throws {LayoutNotFoundError} if a manifest isn't there, so that what it lists isn't known
 */
async function referenced(
  blobs: Blobs,
  index: Uint8Array,
  options: CallOptions,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const pending: Descriptor[] = [];
  // What is a layer of one image may be an image itself, so being listed isn't being followed.
  const followed = new Set<string>();
  const lead = (descriptor: Descriptor): void => {
    const name = String(descriptor.digest);
    names.add(name);
    if (isLayer(descriptor.mediaType) || isConfig(descriptor.mediaType) || followed.has(name)) return;
    followed.add(name);
    pending.push(descriptor);
  };
  const leadToChildren = (raw: Uint8Array): Descriptor | undefined => {
    const { manifests = [], subject } = parseIndexManifest(raw);
    for (const each of manifests) lead(each);
    return subject;
  };
  await leadToSubject(blobs, leadToChildren(index), lead, options);
  for (let descriptor = pending.pop(); descriptor !== undefined; descriptor = pending.pop()) {
    const { mediaType, digest } = descriptor;
    let subject: Descriptor | undefined;
    if (isIndex(mediaType)) {
      subject = leadToChildren(await blobs.read(descriptor, options));
    } else if (isImage(mediaType)) {
      const manifest = parseManifest(await blobs.read(descriptor, options));
      for (const each of [manifest.config, ...(manifest.layers ?? [])]) names.add(String(each.digest));
      subject = manifest.subject;
    } else {
      throw new LayoutError(
        `the layout in ${blobs.storage.name} lists ${digest} as ${quote(mediaType)}, and what that lists isn't known, so no blob is taken for unreferenced`,
      );
    }
    await leadToSubject(blobs, subject, lead, options);
  }
  return names;
}

/** A manifest's subject may be elsewhere; if it is here, it is kept. */
async function leadToSubject(
  blobs: Blobs,
  subject: Descriptor | undefined,
  lead: (descriptor: Descriptor) => void,
  options: CallOptions,
): Promise<void> {
  if (subject !== undefined && (await blobs.has({ digest: subject.digest }, options))) lead(subject);
}

/** The blobs of a layout that are not among these. */
async function unreferenced(blobs: Blobs, names: ReadonlySet<string>, options: CallOptions): Promise<Hash[]> {
  const found: Hash[] = [];
  for await (const blob of blobs.storage.blobs(options)) {
    if (!names.has(String(blob))) found.push(blob);
  }
  return found;
}
