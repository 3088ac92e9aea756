/**
 * `layout` of `varve/node`: OCI image layouts in directories. It has everything of `varve/layout`, and takes paths where that takes
 * storages.
 */
import {
  fromStorage,
  type Layout,
  type LayoutOptions,
  type WriteOptions,
  write as writeTo,
} from "../layout/index.js";
import type { ImageIndex } from "../v1/index.js";
import { DiskLayoutStorage } from "./layout-storage.js";

export * from "../layout/index.js";
export { LayoutDiskError } from "./layout-disk-error.js";
export { DiskLayoutStorage } from "./layout-storage.js";

/**
 * Opens the layout in a directory.
 *
 * @throws {LayoutNotFoundError} if there is none
 * @throws {LayoutError} if it is of a version that isn't known, or a file of it is no plain file
 * @throws {LayoutDiskError} if the system refuses
 */
export function fromPath(path: string, options: LayoutOptions = {}): Promise<Layout> {
  return fromStorage(new DiskLayoutStorage(path), options);
}

/**
 * Writes an index and all that is in it as a layout into a directory, which is made if it is not there. It becomes
 * `index.json`, in place of one that was there, and of which the blobs stay.
 *
 * @throws {LayoutError} if there is a layout of a version that isn't known
 * @throws {LayoutDiskError} if the system refuses
 */
export function write(
  path: string,
  index: ImageIndex,
  options: LayoutOptions & WriteOptions = {},
): Promise<Layout> {
  return writeTo(new DiskLayoutStorage(path), index, options);
}

/**
 * The index of the layout in a directory, as it is when it is first asked for something.
 *
 * @throws what {@link fromPath} throws
 */
export async function imageIndexFromPath(path: string, options: LayoutOptions = {}): Promise<ImageIndex> {
  return (await fromPath(path, options)).imageIndex(undefined, options);
}
