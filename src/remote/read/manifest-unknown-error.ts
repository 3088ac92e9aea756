import { VarveError } from "../../core/error.js";
import { type Hash, type Platform, platformString } from "../../v1/index.js";
import { printable } from "../transport/printable.js";

/** An index does not list what was asked for. Its `code` is `ERR_VARVE_MANIFEST_UNKNOWN`. */
export class ManifestUnknownError extends VarveError {
  override readonly name = "ManifestUnknownError";

  /**
   * @param index which index it is
   * @param wanted what was asked for
   * @param listed the platforms that it lists, where one was asked for: whatever its writer calls so
   */
  constructor(index: string, wanted: Hash | Platform, listed: readonly Platform[] = []) {
    const what = "hex" in wanted ? `manifest ${wanted}` : `image for ${platformString(wanted)}`;
    const there = [...new Set(listed.map((each) => printable(platformString(each), 96)))].slice(0, 20);
    super(
      "ERR_VARVE_MANIFEST_UNKNOWN",
      `${index} lists no ${what}${there.length > 0 ? `: it has ${there.join(", ")}` : ""}`,
    );
  }
}
