/**
 * `varve/cache`: layers that are read once are kept, in memory or where a storage of your own has room. One on disk is in
 * `varve/node`.
 */
export { type Cache, NotFoundError, readOnly } from "./cache.js";
export { image } from "./cached-image.js";
export { imageIndex } from "./cached-index.js";
export { type MemoryCacheOptions, newMemoryCache } from "./memory-cache.js";
export type { CacheStorage, CacheWriter, StoredBytes } from "./storage.js";
export { type CacheOptions, newCache } from "./stored-cache.js";
