/**
 * XXH64 with seed 0: the checksum of a frame's content (RFC 8878, 3.1.1; the algorithm is at
 * https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md).
 *
 * Four lanes of 64 bits each take 8 of every 32 bytes: lane = rotl(lane + input * P2, 31) * P1. JavaScript has no
 * 64-bit integers that are fast, so a lane is two halves of 32 bits, and a product is built from four products of 16
 * bits; with BigInt in this loop the checksum would take twenty times as long. The end, at most 31 bytes and the
 * mixing, is done once for a frame, in BigInt.
 */
const PRIME1 = 0x9e3779b185ebca87n;
const PRIME2 = 0xc2b2ae3d27d4eb4fn;
const PRIME3 = 0x165667b19e3779f9n;
const PRIME4 = 0x85ebca77c2b2ae63n;
const PRIME5 = 0x27d4eb2f165667c5n;
const MASK = 0xffffffffffffffffn;

const PRIME1_HIGH = 0x9e3779b1;
const PRIME1_LOW = 0x85ebca87;
const PRIME2_HIGH = 0xc2b2ae3d;
const PRIME2_LOW = 0x27d4eb4f;

const STRIPE = 32;

export class Xxh64 {
  /** Low and high half of each lane, in turn. */
  readonly #lanes: Uint32Array<ArrayBuffer> = new Uint32Array(8);
  readonly #tail: Uint8Array<ArrayBuffer> = new Uint8Array(STRIPE);
  #tailLength = 0;
  #total = 0;

  constructor() {
    this.reset();
  }

  /** Begins a new message. */
  reset(): void {
    const starts = [PRIME1 + PRIME2, PRIME2, 0n, -PRIME1];
    starts.forEach((start, lane) => {
      this.#lanes[2 * lane] = Number(start & 0xffffffffn);
      this.#lanes[2 * lane + 1] = Number((start >> 32n) & 0xffffffffn);
    });
    this.#tailLength = 0;
    this.#total = 0;
  }

  /** Appends the bytes of `bytes` from `start` to before `end`. */
  update(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#total += end - start;
    let position = start;
    if (this.#tailLength > 0) {
      const piece = Math.min(end - position, STRIPE - this.#tailLength);
      this.#tail.set(bytes.subarray(position, position + piece), this.#tailLength);
      this.#tailLength += piece;
      position += piece;
      if (this.#tailLength < STRIPE) return;
      this.#stripes(this.#tail, 0, STRIPE);
      this.#tailLength = 0;
    }
    const rest = (end - position) % STRIPE;
    this.#stripes(bytes, position, end - rest);
    this.#tail.set(bytes.subarray(end - rest, end));
    this.#tailLength = rest;
  }

  /** The hash of what has come so far. */
  digest(): bigint {
    const lanes = [0, 1, 2, 3].map((lane) => this.#lane(lane));
    let hash: bigint;
    if (this.#total < STRIPE) {
      hash = PRIME5;
    } else {
      const [first = 0n, second = 0n, third = 0n, fourth = 0n] = lanes;
      hash = rotate(first, 1n) + rotate(second, 7n) + rotate(third, 12n) + rotate(fourth, 18n);
      for (const lane of lanes) {
        hash = ((hash ^ round(0n, lane)) * PRIME1 + PRIME4) & MASK;
      }
    }
    return avalanche(this.#absorbTail((hash + BigInt(this.#total)) & MASK));
  }

  #lane(lane: number): bigint {
    return (BigInt(this.#lanes[2 * lane + 1]!) << 32n) | BigInt(this.#lanes[2 * lane]!);
  }

  #absorbTail(start: bigint): bigint {
    const view = new DataView(this.#tail.buffer);
    const length = this.#tailLength;
    let hash = start;
    let position = 0;
    for (; position + 8 <= length; position += 8) {
      hash ^= round(0n, view.getBigUint64(position, true));
      hash = (rotate(hash, 27n) * PRIME1 + PRIME4) & MASK;
    }
    if (position + 4 <= length) {
      hash ^= (BigInt(view.getUint32(position, true)) * PRIME1) & MASK;
      hash = (rotate(hash, 23n) * PRIME2 + PRIME3) & MASK;
      position += 4;
    }
    for (; position < length; position++) {
      hash ^= (BigInt(view.getUint8(position)) * PRIME5) & MASK;
      hash = (rotate(hash, 11n) * PRIME1) & MASK;
    }
    return hash;
  }

  /** Takes whole stripes. */
  #stripes(bytes: Uint8Array, start: number, end: number): void {
    const lanes = this.#lanes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let lane = 0; lane < 4; lane++) {
      let low = lanes[2 * lane]!;
      let high = lanes[2 * lane + 1]!;
      for (let position = start + 8 * lane; position < end; position += STRIPE) {
        const inputLow = view.getUint32(position, true);
        const inputHigh = view.getUint32(position + 4, true);
        const sum = low + (Math.imul(inputLow, PRIME2_LOW) >>> 0);
        high =
          (high +
            productHigh(inputLow, PRIME2_LOW) +
            Math.imul(inputLow, PRIME2_HIGH) +
            Math.imul(inputHigh, PRIME2_LOW) +
            (sum > 0xffffffff ? 1 : 0)) >>>
          0;
        low = sum >>> 0;
        const turnedHigh = ((high << 31) | (low >>> 1)) >>> 0;
        const turnedLow = ((low << 31) | (high >>> 1)) >>> 0;
        low = Math.imul(turnedLow, PRIME1_LOW) >>> 0;
        high =
          (productHigh(turnedLow, PRIME1_LOW) +
            Math.imul(turnedLow, PRIME1_HIGH) +
            Math.imul(turnedHigh, PRIME1_LOW)) >>>
          0;
      }
      lanes[2 * lane] = low;
      lanes[2 * lane + 1] = high;
    }
  }
}

/** The upper 32 bits of the product of two unsigned integers of 32 bits. */
function productHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const carry = Math.imul(aLow, bLow) >>> 16;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + carry;
  const other = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  // Both sums are below 2^32: (2^16 - 1)^2 + 2^16 - 1 is.
  return (Math.imul(aHigh, bHigh) >>> 0) + (middle >>> 16) + (other >>> 16);
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function round(accumulator: bigint, input: bigint): bigint {
  return (rotate((accumulator + input * PRIME2) & MASK, 31n) * PRIME1) & MASK;
}

function avalanche(value: bigint): bigint {
  let hash = value;
  hash = ((hash ^ (hash >> 33n)) * PRIME2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * PRIME3) & MASK;
  return hash ^ (hash >> 32n);
}
