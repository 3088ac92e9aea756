/**
 * Keeps what a resumable push needs to go on: one value for each key, about 70 KiB. The value is a secret, as it holds up to 64 KiB of the
 * layer's content and an address at which anyone may write to the upload; credentials are not in it.
 *
 * {@link memoryPushStore} and {@link mapPushStore} make one, and `filePushStore` of `varve/node` does.
 */
export interface PushStore {
  /**
   * Takes a key for one push.
   *
   * @returns what gives it back; undefined if another push has it
   */
  acquire(key: string): Promise<(() => Promise<void>) | undefined>;
  /** What was saved last; undefined if nothing was. */
  load(key: string): Promise<Uint8Array | undefined>;
  /** Saves a value in place of the one before, as a whole or not at all. */
  save(key: string, value: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Removes what was saved, if anything was. */
  remove(key: string): Promise<void>;
}

/** What {@link mapPushStore} asks of a map: a `Map`, or something over IndexedDB, a Durable Object's storage, or a key-value service. */
export interface PushMap {
  get(key: string): PushMapValue | Promise<PushMapValue>;
  set(key: string, value: Uint8Array<ArrayBuffer>): unknown;
  delete(key: string): unknown;
}

/** What a map gives: the value, or one of the two ways of saying that there is none. */
export type PushMapValue = Uint8Array | ArrayBuffer | null | undefined;

/** The keys that are taken, by map, so that two stores over one map know of each other. */
const taken: WeakMap<PushMap, Set<string>> = new WeakMap();

/**
 * A store over a map, whose calls may take their time. A push is kept from a key that is in use by this process alone: where several
 * processes share the map, see to it that they use keys of their own, or make a {@link PushStore} whose `acquire` knows of all.
 */
export function mapPushStore(map: PushMap): PushStore {
  const keys = taken.get(map) ?? new Set();
  taken.set(map, keys);
  return {
    async acquire(key) {
      if (keys.has(key)) {
        return undefined;
      }
      keys.add(key);
      return async () => void keys.delete(key);
    },
    async load(key) {
      const value = (await map.get(key)) ?? undefined;
      return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    },
    async save(key, value) {
      await map.set(key, value);
    },
    async remove(key) {
      await map.delete(key);
    },
  };
}

/** A store that lasts as long as this process: for a push that goes on after a failure. */
export function memoryPushStore(): PushStore {
  return mapPushStore(new Map<string, Uint8Array>());
}
