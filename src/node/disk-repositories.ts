import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DiskPaths } from "./disk-paths.js";
import { isThere, orAbsent, writeWhole } from "./durable-file.js";

/** The repositories of a store on disk. */
export class DiskRepositories {
  readonly #paths: DiskPaths;
  /** Names that are known to be on disk; repositories never go. */
  readonly #known = new Set<string>();

  constructor(paths: DiskPaths) {
    this.#paths = paths;
  }

  /** Whether anything was ever pushed to the repository. */
  async has(name: string): Promise<boolean> {
    if (this.#known.has(name)) return true;
    return isThere(this.#paths.repositoryName(name));
  }

  async add(name: string): Promise<void> {
    if (!(await this.has(name))) {
      await writeWhole(this.#paths.repositoryName(name), name, this.#paths.uploads);
    }
    this.#known.add(name);
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    for (const directory of await readdir(this.#paths.repositories)) {
      const name = await orAbsent(readFile(join(this.#paths.repositories, directory, "name"), "utf8"));
      if (name !== undefined) names.push(name);
    }
    return names;
  }
}
