import { quote } from "../v1/quote.js";
import { TarError } from "./error.js";
import { BLOCK } from "./header.js";
import { type PaxRecord, readRecords } from "./pax.js";
import { decodeText } from "./text.js";

/**
 * The most bytes of global records that are kept. They count for every entry that follows, so a few more of them would
 * make a small tar cost much.
 */
const MAX_GLOBAL_BYTES = 8192;

/**
 * What extended headers say of the entry that follows them: PAX records, global ones, and GNU's long names. They are
 * counted together, so that no entry takes more than a bounded memory and time, however many headers it has.
 */
export class Extensions {
  readonly #maxBytes: number;
  readonly #globals = new Map<string, string>();
  #records = new Map<string, string>();
  /** In the order in which they came, repetitions included, which sparse files have. */
  #sparse: PaxRecord[] = [];
  #longName: string | undefined;
  #longLink: string | undefined;
  #bytes = 0;
  #pending = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether an entry must follow. */
  get pending(): boolean {
    return this.#pending;
  }

  get longName(): string | undefined {
    return this.#longName;
  }

  get longLink(): string | undefined {
    return this.#longLink;
  }

  /** The records about a sparse file, `GNU.sparse.*`. */
  get sparse(): readonly PaxRecord[] {
    return this.#sparse;
  }

  /** The value of a record; an empty one means that there is none. */
  record(keyword: string): string | undefined {
    return (this.#records.get(keyword) ?? this.#globals.get(keyword)) || undefined;
  }

  /** All records by their keywords; the entry's own ones come after the global ones. */
  records(): ReadonlyMap<string, string> {
    if (this.#globals.size === 0) return this.#records;
    const all = new Map([...this.#globals, ...this.#records]);
    for (const [keyword, value] of this.#records) if (value === "") all.delete(keyword);
    return all;
  }

  /**
   * Counts a header that extends the next entry's, and has so many bytes of content.
   *
   * @throws {TarError} if the entry's headers become larger than the limit
   */
  count(bytes: number, where: string): void {
    this.#bytes += BLOCK + bytes;
    if (this.#bytes > this.#maxBytes) {
      throw new TarError(
        `the header ${where} brings what is said of one entry to ${this.#bytes} bytes, more than the limit of ${this.#maxBytes}: raise maxHeaderBytes if this is meant`,
      );
    }
  }

  /** @throws {TarError} if the content is not what such a header has */
  add(flag: string, content: Uint8Array, where: string): void {
    this.#pending ||= flag !== "g";
    if (flag === "L") this.#longName = upToZero(content);
    else if (flag === "K") this.#longLink = upToZero(content);
    else if (flag === "x") this.#addRecords(readRecords(content, where));
    else this.#addGlobals(readRecords(content, where), where);
  }

  /** Forgets everything but the global records. */
  clear(): void {
    this.#bytes = 0;
    this.#pending = false;
    this.#longName = this.#longLink = undefined;
    if (this.#records.size > 0) this.#records = new Map();
    if (this.#sparse.length > 0) this.#sparse = [];
  }

  #addRecords(records: readonly PaxRecord[]): void {
    for (const record of records) {
      if (record[0].startsWith("GNU.sparse.")) this.#sparse.push(record);
      else this.#records.set(...record);
    }
  }

  #addGlobals(records: readonly PaxRecord[], where: string): void {
    for (const [keyword, value] of records) {
      // A comment is about the archive; readers are to pass over it.
      if (keyword === "comment") continue;
      if (keyword === "path" || keyword === "linkpath" || keyword === "size" || keyword.startsWith("GNU.")) {
        throw new TarError(`the global header ${where} has ${quote(keyword)}, which is a single entry's`);
      }
      if (value === "") this.#globals.delete(keyword);
      else this.#globals.set(keyword, value);
    }
    let units = 0;
    for (const [keyword, value] of this.#globals) units += keyword.length + value.length;
    if (units > MAX_GLOBAL_BYTES) {
      throw new TarError(`the global header ${where} has more than ${MAX_GLOBAL_BYTES} bytes of records`);
    }
  }
}

function upToZero(content: Uint8Array): string {
  const end = content.indexOf(0);
  return decodeText(end < 0 ? content : content.subarray(0, end));
}
