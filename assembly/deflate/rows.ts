import { parseFast, primeFast } from "./fast";

export function primeRows(row: usize, window: usize): void {
  primeFast(window);
}

export function parseRows(row: usize, p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  return parseFast(p, stop, end, start, token);
}
