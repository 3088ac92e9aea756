import type { NewTarEntry, TarEntry, TarHeader } from "../../tar/index.js";
import type { Budget } from "./budget.js";
import type { Overlay } from "./overlay.js";
import { linkTarget, type Path } from "./path.js";

/** What two texts that are remembered together cost besides their own length, in UTF-16 units. */
const RECORD = 64;

/** A hard link that is visible. */
interface Link {
  /** Under its clean name. */
  readonly header: TarHeader;
  /** The clean path of what it says that it leads to. */
  readonly target: string;
  readonly layer: number;
}

/**
 * The hard links of an image that is being flattened. In a tar, what a link leads to must come before it; and what a
 * visible link leads to may be hidden by a layer above, which takes nothing away from the link. So a link whose target has
 * not been given out waits until it is; and when the target is found to be hidden, the first link that waits for it is given
 * its content.
 *
 * What a link leads to is looked for in its own layer, and then in those below. It may be a symbolic link, and as one at its own
 * place it must not lead out of the root either.
 */
export class HardLinks {
  readonly #overlay: Overlay;
  readonly #budget: Budget;
  /** By the path of the entry whose content they share. */
  readonly #waiting: Map<string, Link[]> = new Map();
  /** The links of the present layer, hidden ones too. */
  readonly #leadsTo: Map<string, string> = new Map();
  /** Hidden entries of the present layer, and the names under which their content was given out. */
  readonly #promoted: Map<string, string> = new Map();
  /** Symbolic links that are in the output and might lead out of the root from another place, and what they say. */
  readonly #climbing: Map<string, string> = new Map();
  /** What has been taken of the budget for the present layer. */
  #layerUnits = 0;
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
    this.#budget.giveBack(0, this.#layerUnits);
    this.#layerUnits = 0;
    this.#leadsTo.clear();
    this.#promoted.clear();
    this.#climbing.clear();
    this.#rereads = false;
  }

  /** Takes in a link of the present layer, visible or not. */
  note(from: string, target: Path): void {
    if (this.#leadsTo.has(from)) return;
    const to = target.join("/");
    this.#takeForLayer(from.length + to.length);
    this.#leadsTo.set(from, to);
    if (this.#waiting.has(from)) this.#rereads = true;
  }

  /** Gives out a visible link, or lets it wait. */
  *add(header: TarHeader, target: Path, layer: number): Generator<NewTarEntry> {
    const link = { header, target: target.join("/"), layer };
    const name = this.#available(link.target, layer);
    if (name === undefined) {
      this.#wait(this.#end(link.target), [link]);
      this.#rereads = true;
    } else {
      yield* this.#give([link], name);
    }
  }

  /** Takes in what has been given out and is no directory, and gives out the links that waited for it. */
  *given(header: TarHeader, path: Path, layer: number): Generator<NewTarEntry> {
    this.#overlay.emit(path, layer);
    this.#noteClimbing(header.name, header);
    if (this.#waiting.size > 0) yield* this.#give(this.#stopWaiting(header.name), header.name);
  }

  /** Gives out an entry that isn't given out itself under the name of the first link that waits for it, and the others to that. */
  *promote({ header, body }: TarEntry, path: string): Generator<NewTarEntry> {
    if (!this.#waiting.has(path) || header.type === "directory" || header.type === "link") return;
    const links = this.#withFollowers(this.#stopWaiting(path));
    const first = links.find((link) => header.type !== "symlink" || staysInside(link, header.linkname));
    if (first === undefined) return;
    const { name } = first.header;
    this.#promoted.set(path, name);
    yield { header: { ...header, name }, body };
    this.#overlay.emit(name.split("/"), first.layer);
    this.#noteClimbing(name, header);
    yield* this.#give(
      links.filter((link) => link !== first),
      name,
    );
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

  /**
   * Gives out the links that lead to nothing, as they are: whoever extracts them finds out. Those that would lead to another file
   * in the output, or through a link in it to who knows where, are dropped.
   */
  *rest(): Generator<NewTarEntry> {
    for (const links of this.#waiting.values()) {
      for (const link of links) {
        if (!this.#overlay.meets(link.target.split("/"))) yield { header: linkTo(link, link.target) };
      }
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

  /** Gives out links to a name, and those that wait for them, but for those that would lead out of the root. */
  *#give(links: readonly Link[], name: string): Generator<NewTarEntry> {
    const linkname = this.#climbing.get(name);
    for (const link of this.#withFollowers(links)) {
      if (linkname !== undefined && !staysInside(link, linkname)) continue;
      yield { header: linkTo(link, name) };
      this.#overlay.emit(link.header.name.split("/"), link.layer);
      if (linkname !== undefined) this.#noteClimbing(link.header.name, { type: "symlink", linkname });
    }
  }

  /** The links, what waits for them, what waits for that, and so on: a chain may be as long as the image has links. */
  #withFollowers(links: readonly Link[]): readonly Link[] {
    const all = [...links];
    for (const link of all) {
      for (const follower of this.#stopWaiting(link.header.name)) all.push(follower);
    }
    return all;
  }

  #noteClimbing(name: string, { type, linkname }: Pick<TarHeader, "type" | "linkname">): void {
    if (type !== "symlink" || !linkname.includes("..")) return;
    this.#takeForLayer(name.length + linkname.length);
    this.#climbing.set(name, linkname);
  }

  #takeForLayer(units: number): void {
    this.#budget.take(0, units + RECORD);
    this.#layerUnits += units + RECORD;
  }

  #wait(path: string, links: readonly Link[]): void {
    for (const { header } of links) this.#budget.take(0, unitsOf(header));
    const waiting = this.#waiting.get(path);
    if (waiting === undefined) this.#waiting.set(path, [...links]);
    else for (const link of links) waiting.push(link);
  }

  #stopWaiting(path: string): readonly Link[] {
    const links = this.#waiting.get(path) ?? [];
    for (const { header } of links) this.#budget.giveBack(0, unitsOf(header));
    this.#waiting.delete(path);
    return links;
  }
}

/** Whether a symbolic link that says so does not lead out of the root from where this link is. */
function staysInside({ header }: Link, linkname: string): boolean {
  return linkTarget(header.name.split("/").slice(0, -1), linkname) !== undefined;
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
