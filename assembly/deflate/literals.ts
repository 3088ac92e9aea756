/**
 * No match finding at all, for level -2: every byte is a literal, and the Huffman code is all that is gained.
 */
import { endParse } from "./match";
import { putLiteral, putLiterals } from "./tokens";

/** Stores the bytes from p to `stop` as tokens at `token`, two in each, and returns the end of the tokens. */
export function parseLiterals(p: usize, stop: usize, token: usize): usize {
  for (; p + 2 <= stop; p += 2, token += 4) putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
  if (p < stop) {
    putLiteral(token, load<u8>(p++));
    token += 4;
  }
  endParse(p);
  return token;
}
