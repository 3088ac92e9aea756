import type { NewTarEntry, TarEntry, TarHeader } from "../../tar/index.js";
import type { Budget } from "./budget.js";
import type { Overlay } from "./overlay.js";
import type { Path } from "./path.js";

/** A hard link that is visible. */
interface Link {
  /** Under its clean name. */
  readonly header: TarHeader;
  /** The clean path of what it says that it leads to. */
  readonly target: string;
}

/**
 * The hard links of an image that is being flattened. In a tar, what a link leads to must come before it; and what a
 * visible link leads to may be hidden by a layer above, which takes nothing away from the link. So a link whose target has
 * not been given out waits until it is; and when the target is found to be hidden, the first link that waits for it is given
 * its content.
 *
 * What a link leads to is looked for in its own layer, and then in those below.
 */
export class HardLinks {
  readonly #overlay: Overlay;
  readonly #budget: Budget;
  /** By the path of the entry whose content they share. */
  readonly #waiting: Map<string, Link[]> = new Map();
  /** The links of the present layer, hidden ones too. */
  readonly #leadsTo: Map<string, string> = new Map();
  #leadsToUnits = 0;
  /** Hidden entries of the present layer, and the names under which their content was given out. */
  readonly #promoted: Map<string, string> = new Map();
  #rereads = false;

  constructor(overlay: Overlay, budget: Budget) {
    this.#overlay = overlay;
    this.#budget = budget;
  }

  /** Whether the present layer must be read once more, for what came before the links that wait for it. */
  get rereads(): boolean {
    return this.#rereads;
  }

  beginLayer(): void {
    this.#budget.giveBack(this.#leadsTo.size, this.#leadsToUnits);
    this.#leadsToUnits = 0;
    this.#leadsTo.clear();
    this.#promoted.clear();
    this.#rereads = false;
  }

  /** Takes in a link of the present layer, visible or not. */
  note(from: string, target: Path): void {
    if (this.#leadsTo.has(from)) return;
    const to = target.join("/");
    const units = from.length + to.length;
    this.#budget.take(1, units);
    this.#leadsToUnits += units;
    this.#leadsTo.set(from, to);
    if (this.#waiting.has(from)) this.#rereads = true;
  }

  /** Gives out a visible link, or lets it wait, and returns which. */
  *add(header: TarHeader, target: Path, layer: number): Generator<NewTarEntry, boolean> {
    const link = { header, target: target.join("/") };
    const name = this.#available(link.target, layer);
    if (name === undefined) {
      this.#wait(this.#end(link.target), [link]);
      this.#rereads = true;
      return false;
    }
    yield* this.#give([link], name);
    return true;
  }

  /** Gives out the links that waited for an entry that has just been given out. */
  *release(name: string): Generator<NewTarEntry> {
    if (this.#waiting.size > 0) yield* this.#give(this.#stopWaiting(name), name);
  }

  /** Gives out a hidden entry under the name of the first link that waits for it, and the other links to that. */
  *promote({ header, body }: TarEntry, path: string): Generator<NewTarEntry> {
    if (!this.#waiting.has(path) || header.type === "directory" || header.type === "link") return;
    const [first, ...others] = this.#stopWaiting(path);
    const { name } = first!.header;
    this.#promoted.set(path, name);
    yield { header: { ...header, name }, body };
    yield* this.#give([...this.#stopWaiting(name), ...others], name);
  }

  /** Gives out what has come to be known since, and has every other link wait for what its target leads to in the end. */
  *beginRereading(layer: number): Generator<NewTarEntry> {
    for (const path of [...this.#waiting.keys()]) {
      const links = this.#stopWaiting(path);
      const name = this.#available(path, layer);
      if (name === undefined) this.#wait(this.#end(path), links);
      else yield* this.#give(links, name);
    }
  }

  /** Gives out the links that lead to nothing, as they are: whoever extracts them finds out. */
  *rest(): Generator<NewTarEntry> {
    for (const links of this.#waiting.values()) {
      for (const link of links) yield { header: linkTo(link, link.target) };
    }
  }

  /** The name in the output that has the content of an entry of this layer; undefined if there is none (yet). */
  #available(target: string, layer: number): string | undefined {
    if (this.#overlay.emitted(target.split("/"), layer)) return target;
    const end = this.#end(target);
    return this.#promoted.get(end) ?? (this.#overlay.emitted(end.split("/"), layer) ? end : undefined);
  }

  /**
   * What a path leads to by the links of the present layer: itself, if it is none of them. All that were passed are then made to
   * lead there at once, or a long chain would be gone through again for each of its links; one that goes in a circle is cut.
   */
  #end(path: string): string {
    const passed = new Set<string>();
    let end = path;
    for (let next = this.#leadsTo.get(end); next !== undefined; next = this.#leadsTo.get(end)) {
      passed.add(end);
      if (passed.has(next)) break;
      end = next;
    }
    for (const each of passed) this.#leadsTo.set(each, end);
    if (passed.has(end)) this.#leadsTo.delete(end);
    return end;
  }

  /** Gives out links to a name, and what waits for these, in a loop: a chain may be as long as the image has links. */
  *#give(links: readonly Link[], name: string): Generator<NewTarEntry> {
    const queue = [{ links, name }];
    for (const { links, name } of queue) {
      for (const link of links) {
        yield { header: linkTo(link, name) };
        const more = this.#stopWaiting(link.header.name);
        if (more.length > 0) queue.push({ links: more, name: link.header.name });
      }
    }
  }

  #wait(path: string, links: readonly Link[]): void {
    for (const { header } of links) this.#budget.take(0, unitsOf(header));
    const waiting = this.#waiting.get(path);
    if (waiting === undefined) this.#waiting.set(path, [...links]);
    else waiting.push(...links);
  }

  #stopWaiting(path: string): readonly Link[] {
    const links = this.#waiting.get(path) ?? [];
    for (const { header } of links) this.#budget.giveBack(0, unitsOf(header));
    this.#waiting.delete(path);
    return links;
  }
}

/** An absolute target stays as it was written. */
function linkTo({ header, target }: Link, name: string): TarHeader {
  return name === target && header.linkname.startsWith("/") ? header : { ...header, linkname: name };
}

function unitsOf({ name, linkname, pax }: TarHeader): number {
  const records = Object.entries(pax).reduce(
    (sum, [keyword, value]) => sum + keyword.length + value.length,
    0,
  );
  return name.length + linkname.length + records;
}
