import { MAX_MANIFEST_BYTES, readAll, SizeLimitError } from "../bytes/index.js";
import type { Matcher } from "../partial/index.js";
import { type CallOptions, type Descriptor, encodeIndexManifest, parseIndexManifest } from "../v1/index.js";
import { checkRewritable } from "../v1/json/rewritable.js";
import { quote } from "../v1/quote.js";
import { LayoutError, LayoutNotFoundError } from "./layout-error.js";
import { openedFile } from "./opened-file.js";
import type { LayoutFile, LayoutStorage, StoredFile } from "./storage.js";

/** What `oci-layout` says (OCI image-spec, image-layout.md), indented as others indent it. */
const MARKER = '{\n    "imageLayoutVersion": "1.0.0"\n}';

/** As many spaces are what go-containerregistry indents `index.json` with. */
const INDENT = 3;

/** The two files of a layout that are not blobs. */
export class IndexFile {
  readonly #storage: LayoutStorage;
  readonly #maxBytes: number;

  constructor(storage: LayoutStorage, maxBytes: number = MAX_MANIFEST_BYTES) {
    this.#storage = storage;
    this.#maxBytes = maxBytes;
  }

  /**
   * The bytes of `index.json`.
   *
   * @throws {LayoutNotFoundError} if there is none
   * @throws {SizeLimitError} if it is too large
   */
  async read(options: CallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#existing(await this.#open("index.json", options), options);
  }

  /**
   * Makes sure that there is a layout of a version that is known. A layout without `oci-layout` is taken.
   *
   * @throws {LayoutNotFoundError} if there is no `index.json`
   * @throws {LayoutError} if the layout is of another version
   */
  async check(options: CallOptions = {}): Promise<void> {
    const index = await this.#open("index.json", options);
    if (index === undefined) throw this.#absent();
    await index.stream.cancel();
    const marker = await this.#open("oci-layout", options);
    if (marker !== undefined) this.#checkVersion(await this.#bytes("oci-layout", marker, options));
  }

  /** Writes `oci-layout`, unless it is there. @throws {LayoutError} if one of another version is there */
  mark(options: CallOptions = {}): Promise<void> {
    return this.#storage.update(
      "oci-layout",
      async (current) => {
        if (current === undefined) return new TextEncoder().encode(MARKER);
        this.#checkVersion(await this.#bytes("oci-layout", current, options));
        return undefined;
      },
      options,
    );
  }

  /** Puts bytes in place of `index.json`, whatever it was. */
  replace(bytes: Uint8Array, options: CallOptions = {}): Promise<void> {
    this.#checkSize(bytes);
    return this.#storage.update("index.json", async () => bytes, options);
  }

  /**
   * Takes descriptors out of `index.json`, and puts one at its end, in one step. What else the file says stays, whether it is
   * known here or not.
   *
   * @throws {LayoutNotFoundError} if there is no `index.json`
   * @throws {JSONError} if it is no index, or could not be written again as it was; it is then left alone
   */
  edit(
    { remove, add }: { readonly remove?: Matcher | undefined; readonly add?: Descriptor | undefined },
    options: CallOptions = {},
  ): Promise<void> {
    return this.#storage.update(
      "index.json",
      async (current) => {
        const bytes = await this.#existing(current, options);
        const { manifests = [] } = parseIndexManifest(bytes);
        const index = JSON.parse(new TextDecoder().decode(bytes)) as { manifests?: unknown[] | null };
        const kept = (index.manifests ?? []).filter((_, position) => !remove?.(manifests[position]!));
        if (add === undefined && kept.length === manifests.length) return undefined;
        checkRewritable("index.json", index);
        index.manifests = add === undefined ? kept : [...kept, plain(add)];
        const edited = new TextEncoder().encode(JSON.stringify(index, undefined, INDENT));
        this.#checkSize(edited);
        return edited;
      },
      options,
    );
  }

  #open(file: LayoutFile, options: CallOptions): Promise<StoredFile | undefined> {
    return openedFile(this.#storage.open(file, options), options);
  }

  async #existing(file: StoredFile | undefined, options: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
    if (file === undefined) throw this.#absent();
    return this.#bytes("index.json", file, options);
  }

  async #bytes(
    name: LayoutFile,
    file: StoredFile,
    { signal }: CallOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return readAll(file.stream, { maxBytes: this.#maxBytes, what: this.#what(name), signal });
  }

  /** What is too large to be read again is not written. */
  #checkSize(bytes: Uint8Array): void {
    if (bytes.length > this.#maxBytes) {
      throw new SizeLimitError(this.#what("index.json"), this.#maxBytes, "raise maxManifestBytes");
    }
  }

  #checkVersion(marker: Uint8Array): void {
    const version = versionOf(marker);
    if (version === undefined || !/^1\.\d/.test(version)) {
      const found = version === undefined ? "no version" : `the version ${quote(version)}`;
      throw new LayoutError(
        `${this.#what("oci-layout")} states ${found}, and this package knows version 1: look for what else the directory is`,
      );
    }
  }

  #absent(): LayoutNotFoundError {
    return new LayoutNotFoundError(
      `there is no layout in ${this.#storage.name}, for it has no index.json: write one with layout.write`,
    );
  }

  #what(name: LayoutFile): string {
    return `${name} of the layout in ${this.#storage.name}`;
  }
}

function versionOf(marker: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(marker));
    const version = (value as { readonly imageLayoutVersion?: unknown } | null)?.imageLayoutVersion;
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

/** The descriptor as it is in JSON. */
function plain(descriptor: Descriptor): unknown {
  const bytes = encodeIndexManifest({ schemaVersion: 2, manifests: [descriptor] });
  return (JSON.parse(new TextDecoder().decode(bytes)) as { manifests: unknown[] }).manifests[0];
}
