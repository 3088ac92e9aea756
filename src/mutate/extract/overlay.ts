import type { Budget } from "./budget.js";
import type { Path } from "./path.js";

/** What is known of one path, from the layers that have been seen. A layer's number is its height: those below are smaller. */
export interface PathState {
  /** Layers with a smaller number have nothing to say of the path itself. */
  hiddenBelow: number;
  /** Layers with a smaller number have nothing to say of what lies beneath the path. */
  closedBelow: number;
  /** The last layer that had an entry for it, visible or not; -1 if none had. */
  entryFrom: number;
  /** Whether that entry is in the output and is something else than a directory, so that hard links may lead to it. */
  emitted: boolean;
  /** The last layer with an entry beneath it, visible or not, for which it had to be a directory; -1 if there is none. */
  inhabitedFrom: number;
  children: Map<string, PathState> | undefined;
}

/**
 * The file system that layers make, seen from the top: it tells of each entry of a layer whether anything above hides it.
 * Layers are gone through from the top down, and what is remembered is a tree of the names that were visible or were whited
 * out, so an entry costs what its name is long, however deep it lies.
 */
export class Overlay {
  readonly #root: PathState = newState();
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /**
   * Takes in an entry of a layer.
   *
   * @param units UTF-16 units of the name as it was read, all of which its components may keep alive
   * @returns the state of its path if it is visible, and undefined if it is hidden: by the same path, a whiteout, an opaque
   *   directory or something that is no directory on its way, in a layer above; by the same path, or something that is no
   *   directory on its way, earlier in its own layer; or, if it is no directory, by what lies beneath it in either
   */
  add(path: Path, layer: number, directory: boolean, units: number): PathState | undefined {
    const { way, closed } = this.#walk(path, layer, units);
    const above = closed ? way : way.slice(0, -1);
    for (let i = above.length - 1; i >= 0 && above[i]!.inhabitedFrom !== layer; i--) {
      above[i]!.inhabitedFrom = layer;
    }
    const state = way.at(-1)!;
    const { entryFrom, hiddenBelow, inhabitedFrom } = state;
    // Within one layer the first stands, and what comes after it changes nothing.
    if (closed || entryFrom === layer || (!directory && inhabitedFrom === layer)) return undefined;
    state.entryFrom = layer;
    state.emitted = false;
    state.hiddenBelow = Math.max(hiddenBelow, layer + 1);
    // Even where it is hidden itself, it took the place of a directory in the layers below.
    if (!directory) state.closedBelow = Math.max(state.closedBelow, layer + 1);
    return layer < hiddenBelow || (!directory && inhabitedFrom >= 0) ? undefined : state;
  }

  /** Hides a path, and everything beneath it, in the layers below. */
  whiteOut(path: Path, layer: number, units: number): void {
    const { way, closed } = this.#walk(path, layer, units);
    if (closed) return;
    const state = way.at(-1)!;
    state.hiddenBelow = Math.max(state.hiddenBelow, layer);
    state.closedBelow = Math.max(state.closedBelow, layer);
  }

  /** Hides everything beneath a path in the layers below. */
  makeOpaque(path: Path, layer: number, units: number): void {
    const { way, closed } = this.#walk(path, layer, units);
    const state = way.at(-1)!;
    if (!closed) state.closedBelow = Math.max(state.closedBelow, layer);
  }

  /** Whether an entry of this layer at this path, something else than a directory, is in the output. */
  emitted(path: Path, layer: number): boolean {
    let state: PathState | undefined = this.#root;
    for (const name of path) {
      state = state.children?.get(name);
      if (state === undefined) return false;
    }
    return state.emitted && state.entryFrom === layer;
  }

  /**
   * The states from the root to the path, made where there were none; or, with `closed`, to the first beneath which the layer has
   * nothing to say.
   */
  #walk(path: Path, layer: number, units: number): { readonly way: PathState[]; readonly closed: boolean } {
    const way = [this.#root];
    let state = this.#root;
    let made = 0;
    for (const name of path) {
      if (layer < state.closedBelow) return { way, closed: true };
      let next = state.children?.get(name);
      if (next === undefined) {
        // Counted one by one, so that a single name of many components can't go far beyond the limit.
        this.#budget.take(1, made++ === 0 ? units : 0);
        next = newState();
        state.children ??= new Map();
        state.children.set(name, next);
      }
      state = next;
      way.push(state);
    }
    return { way, closed: false };
  }
}

function newState(): PathState {
  return {
    hiddenBelow: 0,
    closedBelow: 0,
    entryFrom: -1,
    emitted: false,
    inhabitedFrom: -1,
    children: undefined,
  };
}
