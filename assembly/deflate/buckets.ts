import { parseFast, primeFast } from "./fast";

export function primeBuckets(row: usize, window: usize): void {
  primeFast(window);
}

export function parseBuckets(row: usize, p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  return parseFast(p, stop, end, start, token);
}
