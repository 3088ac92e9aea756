import type { CoreInstance } from "./core-instance.js";
import { Inflater } from "./inflater.js";

/** A synchronous decompressor of DEFLATE without framing (RFC 1951), as ZIP files have it. */
export class Inflate extends Inflater {
  protected override begin({ exports }: CoreInstance, ignoreTrailing: boolean): void {
    exports.inflateReset(false, ignoreTrailing);
  }
}
