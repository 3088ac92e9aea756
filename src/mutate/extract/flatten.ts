import type { NewTarEntry, TarEntry } from "../../tar/index.js";
import { Budget, type ExtractLimits } from "./budget.js";
import { UnsafeTarPathError } from "./errors.js";
import { HardLinks } from "./hard-links.js";
import { Overlay } from "./overlay.js";
import { entryPath, linkTarget } from "./path.js";
import { meaningOf } from "./whiteout.js";

/** Opens a layer's tar, once more each time. */
export type OpenLayer = () => Promise<AsyncIterable<TarEntry>>;

/**
 * Turns layers, from the top down, into the entries of the file system that they make. What it remembers from one layer to
 * the next is the names in the {@link Overlay}, and the links that wait.
 */
export class Flattening {
  readonly #overlay: Overlay;
  readonly #links: HardLinks;

  constructor(limits: ExtractLimits) {
    const budget = new Budget(limits);
    this.#overlay = new Overlay(budget);
    this.#links = new HardLinks(this.#overlay, budget);
  }

  /**
   * The entries that a layer adds. Each layer is read to its end before its successor is opened.
   *
   * @param layer its height: smaller than that of the layers before
   * @throws {UnsafeTarPathError} if an entry, visible or not, leads out of the root
   * @throws {ExtractLimitError} if there is more to be remembered than may be
   */
  async *layer(open: OpenLayer, layer: number): AsyncGenerator<NewTarEntry> {
    const links = this.#links;
    links.beginLayer();
    for await (const entry of await open()) yield* this.#entry(entry, layer);
    if (!links.rereads) return;
    yield* links.beginRereading(layer);
    for await (const entry of await open()) {
      yield* links.promote(entry, entryPath(entry.header.name).join("/"));
    }
  }

  /** What is left when all layers have been gone through. */
  rest(): Iterable<NewTarEntry> {
    return this.#links.rest();
  }

  *#entry(entry: TarEntry, layer: number): Generator<NewTarEntry> {
    const { header, body } = entry;
    const path = entryPath(header.name);
    const meaning = meaningOf(path);
    const units = header.name.length;
    if (meaning.kind === "whiteout") return this.#overlay.whiteOut(meaning.of, layer, units);
    if (meaning.kind === "opaque") return this.#overlay.makeOpaque(meaning.of, layer, units);
    if (meaning.kind === "nothing") return;

    const directory = header.type === "directory";
    if (path.length === 0 && !directory) {
      throw new UnsafeTarPathError(header.name, "it is the image's root itself, but no directory");
    }
    const name = path.join("/") || ".";
    const hard = header.type === "link";
    const link = hard || header.type === "symlink";
    const target = link ? linkTarget(hard ? [] : path.slice(0, -1), header.linkname) : undefined;
    if (hard && target !== undefined) this.#links.note(name, target);
    const state = this.#overlay.add(path, layer, directory, units);
    if (state === undefined) {
      yield* this.#links.promote(entry, name);
      return;
    }
    // A link that leads out of the root is not given out, but hides what it took the place of.
    if (link && target === undefined) return;
    const given = { ...header, name };
    if (hard && target !== undefined) {
      if (yield* this.#links.add(given, target, layer)) state.emitted = true;
      return;
    }
    yield { header: given, body };
    if (directory) return;
    state.emitted = true;
    yield* this.#links.release(name);
  }
}
