import type { MemoryBudget } from "./memory-budget.js";
import type { StoredManifest } from "./storage.js";

/** What one repository holds; digests are keys in their string form. */
export interface MemoryRepository {
  readonly blobs: Set<string>;
  readonly manifests: Map<string, StoredManifest & { readonly subject: string | undefined }>;
  /** The digest that each tag names. */
  readonly tags: Map<string, string>;
}

/** What a remembered name costs, in bytes: about what a map's entry with a name and a digest occupies. */
const ENTRY = 512;

/** The repositories of a memory store, and what their bookkeeping costs. */
export class MemoryRepositories {
  readonly #repositories = new Map<string, MemoryRepository>();
  readonly #budget: MemoryBudget;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  find(name: string): MemoryRepository | undefined {
    return this.#repositories.get(name);
  }

  /** @throws {StorageFullError} if there is no room for another repository */
  findOrAdd(name: string): MemoryRepository {
    const present = this.#repositories.get(name);
    if (present !== undefined) return present;
    this.takeEntry();
    const repository: MemoryRepository = { blobs: new Set(), manifests: new Map(), tags: new Map() };
    this.#repositories.set(name, repository);
    return repository;
  }

  names(): string[] {
    return [...this.#repositories.keys()];
  }

  /** @throws {StorageFullError} if there is no room for another entry */
  takeEntry(): void {
    this.#budget.take(ENTRY);
  }

  giveEntry(): void {
    this.#budget.give(ENTRY);
  }
}
