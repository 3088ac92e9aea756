import {
  type BlobStore,
  type BlobUpload,
  type ManifestStore,
  newMemoryStorage,
  type Storage,
} from "../../../../src/registry/index.js";
import { type Hash, newHash } from "../../../../src/v1/index.js";
import { digestOf } from "../../fixture/layers.js";

/** A registry's store that a test can look into: what it holds, proven anew, and the uploads that are open. */
export class WatchedStorage implements Storage {
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly #open = new Set<BlobUpload>();
  /** Every blob and manifest that was ever taken, as "repository digest". */
  readonly #blobNames = new Set<string>();
  readonly #manifestNames = new Set<string>();

  constructor() {
    const { blobs, manifests } = newMemoryStorage({ limit: 64 * 1024 * 1024 });
    this.blobs = {
      beginUpload: async () => this.#watched(await blobs.beginUpload()),
      size: (...asked) => blobs.size(...asked),
      open: (...asked) => blobs.open(...asked),
      mount: async (digest, from, to) => {
        const mounted = await blobs.mount(digest, from, to);
        if (mounted) this.#blobNames.add(`${to} ${digest}`);
        return mounted;
      },
      delete: (...asked) => blobs.delete(...asked),
    };
    this.manifests = Object.assign(Object.create(manifests) as ManifestStore, {
      get: (...asked: Parameters<ManifestStore["get"]>) => manifests.get(...asked),
      has: (...asked: Parameters<ManifestStore["has"]>) => manifests.has(...asked),
      put: (...asked: Parameters<ManifestStore["put"]>) => {
        this.#manifestNames.add(`${asked[0]} ${asked[1]}`);
        return manifests.put(...asked);
      },
      delete: (...asked: Parameters<ManifestStore["delete"]>) => manifests.delete(...asked),
      tag: (...asked: Parameters<ManifestStore["tag"]>) => manifests.tag(...asked),
      resolve: (...asked: Parameters<ManifestStore["resolve"]>) => manifests.resolve(...asked),
      untag: (...asked: Parameters<ManifestStore["untag"]>) => manifests.untag(...asked),
      tags: (...asked: Parameters<ManifestStore["tags"]>) => manifests.tags(...asked),
      referrers: (...asked: Parameters<ManifestStore["referrers"]>) => manifests.referrers(...asked),
      repositories: () => manifests.repositories(),
    });
  }

  /** Uploads that were begun and are neither a blob nor dropped. */
  get openUploads(): number {
    return this.#open.size;
  }

  /**
   * All that is held, one line each, in order.
   *
   * @throws if something is not what its digest says, or a manifest that can be found is made of something that is not there
   */
  async contents(): Promise<readonly string[]> {
    const blobs = await this.#blobLines();
    const manifests = await this.#manifestLines(new Set(blobs));
    return [...blobs, ...manifests, ...(await this.#tagLines(new Set(manifests)))].sort();
  }

  #watched(upload: BlobUpload): BlobUpload {
    const watched: BlobUpload = {
      append: (chunks) => upload.append(chunks),
      read: () => upload.read(),
      commit: async (repository, digest) => {
        await upload.commit(repository, digest);
        this.#open.delete(watched);
        this.#blobNames.add(`${repository} ${digest}`);
      },
      discard: async () => {
        this.#open.delete(watched);
        await upload.discard();
      },
    };
    this.#open.add(watched);
    return watched;
  }

  async #blobLines(): Promise<string[]> {
    const lines: string[] = [];
    for (const name of this.#blobNames) {
      const { repository, digest } = parse(name);
      const body = await this.blobs.open(repository, digest);
      if (body === undefined) continue;
      prove(digest, new Uint8Array(await new Response(body as BodyInit).arrayBuffer()));
      lines.push(`blob ${name}`);
    }
    return lines;
  }

  async #manifestLines(blobs: ReadonlySet<string>): Promise<string[]> {
    const found = new Map<string, Uint8Array>();
    for (const name of this.#manifestNames) {
      const { repository, digest } = parse(name);
      const manifest = await this.manifests.get(repository, digest);
      if (manifest !== undefined) found.set(name, manifest.bytes);
    }
    for (const [name, bytes] of found) {
      const { repository, digest } = parse(name);
      prove(digest, bytes);
      for (const part of partsOf(bytes)) {
        if (!blobs.has(`blob ${repository} ${part}`) && !found.has(`${repository} ${part}`)) {
          throw new Error(`the manifest ${name} needs ${part}, which is not there`);
        }
      }
    }
    return [...found.keys()].map((name) => `manifest ${name}`);
  }

  async #tagLines(manifests: ReadonlySet<string>): Promise<string[]> {
    const lines: string[] = [];
    for (const repository of await this.manifests.repositories()) {
      for (const tag of (await this.manifests.tags(repository)) ?? []) {
        const digest = await this.manifests.resolve(repository, tag);
        if (!manifests.has(`manifest ${repository} ${digest}`)) {
          throw new Error(`the tag ${repository}:${tag} leads to ${digest}, which is not there`);
        }
        lines.push(`tag ${repository}:${tag} ${digest}`);
      }
    }
    return lines;
  }
}

function parse(name: string): { repository: string; digest: Hash } {
  const [repository = "", digest = ""] = name.split(" ");
  return { repository, digest: newHash(digest) };
}

function prove(digest: Hash, bytes: Uint8Array): void {
  if (digestOf(bytes) !== String(digest)) {
    throw new Error(`a wrong digest: ${digest} has the bytes of ${digestOf(bytes)}`);
  }
}

function partsOf(bytes: Uint8Array): string[] {
  const { config, layers = [], manifests = [] } = JSON.parse(new TextDecoder().decode(bytes));
  return [...(config ? [config] : []), ...layers, ...manifests].map(({ digest }) => digest);
}
