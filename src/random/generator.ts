/**
 * xoshiro128** 1.1 (Blackman and Vigna, prng.di.unimi.it): 32-bit integer arithmetic alone, so every machine makes the same
 * bytes of the same state. It is for tests; it keeps no secrets.
 */
export class Generator {
  readonly #state: Uint32Array;

  /** @param state four words of 32 bits, not all 0; they are copied */
  constructor(state: Uint32Array) {
    this.#state = state.slice(0, 4);
  }

  /** The next 32 bits, unsigned. */
  next(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const last = d ^ b;
    state[2] = c ^ a ^ (b << 9);
    state[1] = b ^ c ^ a;
    state[0] = a ^ last;
    state[3] = rotateLeft(last, 11);
    return result;
  }

  /** Fills the buffer, four bytes a step, the low byte first whatever the machine; of the last step what has room. */
  fill(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const whole = bytes.length & ~3;
    for (let at = 0; at < whole; at += 4) view.setUint32(at, this.next(), true);
    if (whole === bytes.length) return;
    let word = this.next();
    for (let at = whole; at < bytes.length; at++, word >>>= 8) bytes[at] = word;
  }
}

/** A state from a seed of up to 53 bits: its two halves, each spread over two words by splitmix32. */
export function stateOf(seed: number): Uint32Array {
  const state = new Uint32Array(4);
  for (const [half, word] of [seed, Math.floor(seed / 2 ** 32)].entries()) {
    let counter = word | 0;
    for (let index = half; index < 4; index += 2) {
      counter = (counter + 0x9e3779b9) | 0;
      let mixed = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      state[index] = mixed ^ (mixed >>> 15);
    }
  }
  return state;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
