import { UnsupportedError } from "../../v1/index.js";
import { isBrowser } from "../transport/browser.js";
import type { RegistryQuirks } from "./quirks.js";

/**
 * How a blob is sent: `"streaming"`, in one PATCH, as fast as it is made; `"chunked"`, in PATCHes that are kept in memory until the
 * registry has them; `"monolithic"`, in the PUT that ends the upload, for blobs whose digest is known beforehand.
 */
export type UploadMode = "streaming" | "chunked" | "monolithic";

/**
 * Chooses how a blob is sent. Streaming is what docker does, and what registries know best; a browser can't.
 *
 * @param requested what the caller wants
 * @param size bytes of the blob; undefined for a stream, of which the digest is not known either
 * @throws {UnsupportedError} if there is no way that registry and runtime both know
 */
export function chooseMode(
  requested: UploadMode | undefined,
  { chunked, monolithic, maximumBody }: RegistryQuirks,
  size: number | undefined,
): UploadMode {
  const known = size !== undefined;
  if (requested !== undefined && (known || requested !== "monolithic")) {
    return requested;
  }
  const fits = maximumBody === undefined || (known && size <= maximumBody);
  if (!isBrowser() && (fits || chunked === false)) {
    return "streaming";
  }
  if (chunked !== false) {
    return "chunked";
  }
  if (known && monolithic !== false) {
    return "monolithic";
  }
  throw new UnsupportedError(
    "this registry takes a blob in one request only, and a browser cannot send a stream in one: spool the layer first, so that its digest is known",
  );
}
