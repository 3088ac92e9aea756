import type { TarHeader } from "../tar/index.js";
import { quote } from "../v1/quote.js";
import type { Problems } from "./problems.js";

const DEFAULT_MAX_BYTES = 64 << 20;

/** What a path costs besides its letters: an entry of a set, and a string's own. */
const OVERHEAD = 64;

/** So many duplicates are told one by one. */
const TOLD = 10;

/** The paths of one layer's tar, so that one that comes twice is found. */
export class TarPaths {
  readonly #problems: Problems;
  readonly #where: string;
  readonly #maxBytes: number;
  readonly #seen = new Set<string>();
  #bytes = 0;
  #duplicates = 0;
  #isFull = false;

  constructor(problems: Problems, where: string, maxBytes: number = DEFAULT_MAX_BYTES) {
    this.#problems = problems;
    this.#where = where;
    this.#maxBytes = maxBytes;
  }

  add({ name }: TarHeader): void {
    if (this.#isFull) return;
    const path = cleaned(name);
    if (this.#seen.has(path)) {
      this.#duplicates++;
      if (this.#duplicates <= TOLD) {
        this.#problems.add("duplicate-path", this.#where, `the path ${quote(name)} is there twice`);
      }
      return;
    }
    this.#bytes += 2 * path.length + OVERHEAD;
    this.#seen.add(path);
    if (this.#bytes <= this.#maxBytes) return;
    this.#isFull = true;
    this.#problems.add(
      "too-many-paths",
      this.#where,
      `its first ${this.#seen.size} paths take more than ${this.#maxBytes} bytes, so the rest is not compared: raise maxPathBytes`,
    );
    this.#seen.clear();
  }

  /** Tells of what was only counted. */
  finish(): void {
    if (this.#duplicates > TOLD) {
      this.#problems.add(
        "duplicate-path",
        this.#where,
        `${this.#duplicates - TOLD} more paths are there twice`,
      );
    }
  }
}

/** The path as it names a file: `./a//b/` and `/a/b` are `a/b`. What leads upwards is left as it is. */
function cleaned(name: string): string {
  return name
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
