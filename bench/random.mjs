// xoshiro128** 1.1 (Blackman and Vigna, prng.di.unimi.it): the same bytes on every machine, and nothing for
// a compressor to find.

/**
 * A fixed generator of bytes.
 */
export class Random {
  #state = new Uint32Array(4);

  /**
   * @param {number} seed 32 bits, spread over the state by splitmix32
   */
  constructor(seed) {
    let counter = seed >>> 0;
    for (let index = 0; index < 4; index++) {
      counter = (counter + 0x9e3779b9) >>> 0;
      let mixed = counter;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      this.#state[index] = mixed ^ (mixed >>> 15);
    }
  }

  /**
   * Fills a buffer, four bytes a step, the low byte first whatever the machine.
   *
   * @param {Uint8Array} bytes its length a multiple of 4
   * @param {number} [mask] bits that a word keeps; fewer bits make bytes that compress
   * @returns {Uint8Array} the same buffer
   */
  fill(bytes, mask = 0xffffffff) {
    if (bytes.length % 4 !== 0) throw new RangeError(`words of 4 bytes do not fill ${bytes.length} bytes`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let [a = 0, b = 0, c = 0, d = 0] = this.#state;
    for (let offset = 0; offset < bytes.length; offset += 4) {
      view.setUint32(offset, Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) & mask, true);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = rotateLeft(d, 11);
    }
    this.#state.set([a, b, c, d]);
    return bytes;
  }
}

/**
 * @param {number} word
 * @param {number} bits 1 to 31
 * @returns {number}
 */
function rotateLeft(word, bits) {
  return (word << bits) | (word >>> (32 - bits));
}
