/** Bytes `first` to `last`, both included, counted from 0. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** What a `Range` header asks of a body of known length. */
export type RangeAnswer =
  /** No range, or one that a server need not understand: the whole body is sent. */
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly range: ByteRange }
  /** Not a range, or one that has no byte of the body: status 416. */
  | { readonly kind: "unsatisfiable" };

const WHOLE: RangeAnswer = { kind: "whole" };
const UNSATISFIABLE: RangeAnswer = { kind: "unsatisfiable" };

/**
 * Reads a `Range` header (RFC 9110, section 14.2) against a body of `size` bytes: `bytes=a-b`, `bytes=a-` and `bytes=-n`.
 * Units other than bytes and lists of several ranges are answered with the whole body, as section 14.2 lets a server do.
 */
export function answerRange(header: string | null, size: number): RangeAnswer {
  if (header === null) return WHOLE;
  const specifier = /^\s*bytes\s*=(.*)$/iu.exec(header)?.[1];
  if (specifier === undefined || specifier.includes(",")) return WHOLE;
  const [, from, to] = /^\s*(\d*)-(\d*)\s*$/u.exec(specifier) ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return UNSATISFIABLE;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? UNSATISFIABLE : { kind: "part", range: { first: size - length, last: size - 1 } };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Number(to);
  if (first >= size || last < first) return UNSATISFIABLE;
  return { kind: "part", range: { first, last: Math.min(last, size - 1) } };
}

/**
 * Reads the `Content-Range` of an upload's chunk, which in this protocol is bare: `first-last`, inclusive (OCI
 * distribution-spec v1.1, "Pushing a blob in chunks").
 *
 * @returns the range, or undefined if the text is none, ends before it begins, or counts beyond 2^53 - 1
 */
export function parseContentRange(header: string): ByteRange | undefined {
  const [, from, to] = /^(\d+)-(\d+)$/u.exec(header) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const first = Number(from);
  const last = Number(to);
  return last >= first && Number.isSafeInteger(last) ? { first, last } : undefined;
}

/**
 * Reads a `Content-Length`: the number of bytes that a body announces.
 *
 * @returns the number, null if the header is absent, undefined if it is not a number of bytes
 */
export function parseContentLength(header: string | null): number | null | undefined {
  if (header === null) return null;
  const length = /^\d+$/u.test(header) ? Number(header) : Number.NaN;
  return Number.isSafeInteger(length) ? length : undefined;
}
