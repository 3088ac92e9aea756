import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DiskLayout } from "./disk-layout.js";
import { isThere, orAbsent, writeWhole } from "./durable-file.js";

/** The repositories of a store on disk. */
export class DiskRepositories {
  readonly #layout: DiskLayout;
  /** Names that are known to be on disk; repositories never go. */
  readonly #known = new Set<string>();

  constructor(layout: DiskLayout) {
    this.#layout = layout;
  }

  /** Whether anything was ever pushed to the repository. */
  async has(name: string): Promise<boolean> {
    if (this.#known.has(name)) return true;
    return isThere(this.#layout.repositoryName(name));
  }

  async add(name: string): Promise<void> {
    if (!(await this.has(name))) {
      await writeWhole(this.#layout.repositoryName(name), name, this.#layout.uploads);
    }
    this.#known.add(name);
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    for (const directory of await readdir(this.#layout.repositories)) {
      const name = await orAbsent(readFile(join(this.#layout.repositories, directory, "name"), "utf8"));
      if (name !== undefined) names.push(name);
    }
    return names;
  }
}
