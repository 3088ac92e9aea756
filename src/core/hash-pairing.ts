/**
 * Whether hashing two streams side by side is faster here than one after the other.
 *
 * It depends on the engine: 1.4 times as fast on V8, 0.7 times on JavaScriptCore. So the first segments of a program
 * are hashed both ways in turn, timed, and from then on the faster way is taken. Bytes don't depend on it. Where the
 * clock stands still (Cloudflare Workers), the two times are equal, and pairing is taken.
 */

/** Segments whose times don't count: the engine is still optimising. */
const WARM_UP = 4;
/** Segments that count. */
const TRIALS = 8;

let trials = 0;
/** Milliseconds per byte, summed: one after the other, side by side. */
const cost: [number, number] = [0, 0];

/** Calls `hash(paired)` for `bytes` bytes, and learns from how long it takes. */
export function withHashPairing(bytes: number, hash: (paired: boolean) => void): void {
  if (trials >= WARM_UP + TRIALS) {
    hash(cost[1] <= cost[0]);
    return;
  }
  const paired = trials % 2 === 1;
  const start = performance.now();
  hash(paired);
  if (trials >= WARM_UP) cost[paired ? 1 : 0] += (performance.now() - start) / bytes;
  trials++;
}
