/**
 * The ABI of `sha256.wasm`: SHA-256 alone, for anyone who wants a hash and nothing else.
 *
 * Slot 0 holds the state. Copy bytes to `INPUT`, at most `INPUT_SIZE` of them, hash the whole blocks with
 * `sha256Process(0, INPUT, blocks)`, and end with `sha256Finish(0, pointer, length, total)`; the digest then stands
 * at `DIGEST`, 32 bytes, until the next `sha256Finish`.
 */
import { SHA256_DIGEST, SHA256_STATE } from "./memory";

export { sha256Finish, sha256Process, sha256Reset } from "./sha256";

/** Where the state stands: 32 bytes, H0..H7 as native words. */
export const STATE: usize = SHA256_STATE;
/** Where the digest stands. */
export const DIGEST: usize = SHA256_DIGEST;
/** Where input goes. */
export const INPUT: usize = 0x1000;
/** Bytes that fit there. 64 KiB are as fast as any larger piece. */
export const INPUT_SIZE: usize = 0x10000;
