import type { Digesters } from "./digester.js";
import type { Storage } from "./storage.js";
import type { UploadSessions } from "./upload-sessions.js";

/** What every endpoint works on. */
export interface RegistryState {
  readonly storage: Storage;
  readonly sessions: UploadSessions;
  readonly digesters: Digesters;
  /** Longest manifest that is accepted, in bytes. */
  readonly manifestLimit: number;
  /** Whether an index is taken though manifests that it lists are not there. */
  readonly sparseIndexes: boolean;
  /** Shortest chunk of an upload but the last, in bytes; 0 for any. */
  readonly chunkMinLength: number;
}
