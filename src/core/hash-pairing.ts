/**
 * Whether hashing two streams side by side is faster here than one after the other.
 *
 * It depends on the engine: 1.4 times as fast on V8, 0.7 times on JavaScriptCore. So the first segments of a program
 * are hashed both ways in turn, timed, and from then on the way is taken that was faster more often than its neighbour:
 * one moment in which the machine does something else then decides nothing. Bytes don't depend on it. Where the clock
 * stands still (Cloudflare Workers), all times are equal, and pairing is taken.
 */

/** Segments whose times don't count: the engine is still optimising. */
const WARM_UP = 4;
/** Segments that count. */
const TRIALS = 12;

let trials = 0;
/** Milliseconds per byte of the segment before, hashed one after the other. */
let before = 0;
/** How often pairing was at least as fast as that, less how often it wasn't. */
let gains = 0;

/** Calls `hash(paired)` for `bytes` bytes, and learns from how long it takes. */
export function withHashPairing(bytes: number, hash: (paired: boolean) => void): void {
  if (trials >= WARM_UP + TRIALS) {
    hash(gains >= 0);
    return;
  }
  const paired = trials % 2 === 1;
  const start = performance.now();
  hash(paired);
  const cost = (performance.now() - start) / bytes;
  if (!paired) before = cost;
  else if (trials >= WARM_UP) gains += cost <= before ? 1 : -1;
  trials++;
}
