import { MAX_MANIFEST_BYTES, readAll, readableFrom } from "../bytes/index.js";
import { readTar, type TarEntry } from "../tar/index.js";
import { type CallOptions, detectCompression, MAGIC_BYTES, type ReadOptions } from "../v1/index.js";
import { quote } from "../v1/quote.js";
import { TarballError } from "./error.js";
import { type FilePlace, openFile } from "./file-stream.js";
import { type Opener, openedBy } from "./opener.js";
import { cleanName, symlinkTarget } from "./path.js";

/** Where the images of a tarball are told. */
export const MANIFEST = "manifest.json";

/** What the directory of an archive may take: some 100,000 names of usual length. */
const MAX_DIRECTORY_UNITS = 16 * 1024 * 1024;
const UNITS_OF_ENTRY = 100;

/** What a file of an archive is, by its place and its first bytes. */
export interface ArchiveFile extends FilePlace {
  readonly compression: "gzip" | "zstd" | "none";
}

/** An entry that leads to another; the target is undefined if that is out of the archive. */
interface Link {
  readonly target: string | undefined;
}

/** How an archive is read. */
export interface ArchiveOptions extends CallOptions {
  /** The most bytes that `manifest.json`, and a configuration, may have. Default: 4 MiB. */
  readonly maxManifestBytes?: number | undefined;
}

/**
 * The files of a tar that can be opened again and again. It is read from its beginning each time; what it has is found out
 * once, by reading it to its end, and only names and sizes are kept.
 */
export class Archive {
  readonly #opener: Opener;
  /** A link that has been followed is replaced by the file that it leads to. */
  readonly #entries: Map<string, ArchiveFile | Link>;
  /** The content of `manifest.json`. */
  readonly manifest: Uint8Array;

  private constructor(opener: Opener, entries: Map<string, ArchiveFile | Link>, manifest: Uint8Array) {
    this.#opener = opener;
    this.#entries = entries;
    this.manifest = manifest;
  }

  /**
   * @throws {TarError} if it is not a tar, or damaged
   * @throws {TarballError} if it has no `manifest.json`, more than one, or too many files
   * @throws {SizeLimitError} if that is larger than allowed
   */
  static async read(opener: Opener, options: ArchiveOptions): Promise<Archive> {
    const { signal, maxManifestBytes = MAX_MANIFEST_BYTES } = options;
    const entries = new Map<string, ArchiveFile | Link>();
    let manifest: Uint8Array | undefined;
    let ordinal = -1;
    let units = 0;
    for await (const entry of readTar(await openedBy(opener, { signal }), { signal })) {
      ordinal++;
      const { header } = entry;
      const name = cleanName(header.name);
      units += UNITS_OF_ENTRY + header.name.length + header.linkname.length;
      if (units > MAX_DIRECTORY_UNITS) {
        throw new TarballError(`the tarball has too many files: ${ordinal}, or longer names than are kept`);
      }
      if (name === MANIFEST && header.type === "file") {
        if (manifest !== undefined) throw new TarballError(`the tarball has more than one ${MANIFEST}`);
        manifest = await readAll(readableFrom(entry.body), {
          signal,
          maxBytes: maxManifestBytes,
          what: MANIFEST,
        });
      } else if (name !== undefined && !entries.has(name)) {
        const described = await describe(entry, name, ordinal);
        if (described !== undefined) entries.set(name, described);
      }
    }
    if (manifest === undefined) {
      throw new TarballError(
        `the tarball has no ${MANIFEST}, so it is not what docker save writes; an OCI layout is read by varve/layout`,
      );
    }
    return new Archive(opener, entries, manifest);
  }

  /**
   * Finds a file, following links. All that were passed then lead there at once, or a long chain would be gone through again
   * for each layer that is a link in it.
   *
   * @throws {TarballError} if there is none, a link leads out of the archive, or links lead in a circle
   */
  file(name: string): ArchiveFile {
    const passed = new Set<string>();
    for (let path = cleanName(name); path !== undefined; ) {
      if (passed.has(path)) {
        throw new TarballError(
          `the links from ${quote(name)} in the tarball lead in a circle, by ${quote(path)}`,
        );
      }
      passed.add(path);
      const entry: ArchiveFile | Link | undefined = this.#entries.get(path);
      if (entry === undefined) {
        throw new TarballError(`the tarball has no file ${quote(path)}, which ${MANIFEST} or a link names`);
      }
      if ("ordinal" in entry) {
        for (const each of passed) this.#entries.set(each, entry);
        return entry;
      }
      path = entry.target;
    }
    throw new TarballError(`${quote(name)} leads out of the tarball`);
  }

  /** Whether {@link file} finds one, or a link that leads to none. */
  has(name: string): boolean {
    const path = cleanName(name);
    return path !== undefined && this.#entries.has(path);
  }

  /** Opens a file; nothing is read before the consumer asks. */
  open(file: ArchiveFile, options: ReadOptions = {}): ReadableStream<Uint8Array> {
    return openFile(this.#opener, file, options);
  }
}

async function describe(
  { header, body }: TarEntry,
  name: string,
  ordinal: number,
): Promise<ArchiveFile | Link | undefined> {
  if (header.type === "link") return { target: cleanName(header.linkname) };
  if (header.type === "symlink") return { target: symlinkTarget(name, header.linkname) };
  if (header.type !== "file") return undefined;
  const start = new Uint8Array(MAGIC_BYTES);
  let length = 0;
  for await (const chunk of body) {
    start.set(chunk.subarray(0, MAGIC_BYTES - length), length);
    length = Math.min(MAGIC_BYTES, length + chunk.length);
    if (length === MAGIC_BYTES) break;
  }
  return { name, ordinal, size: header.size, compression: detectCompression(start.subarray(0, length)) };
}
