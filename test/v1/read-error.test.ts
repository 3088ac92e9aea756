import { describe, expect, it } from "vitest";
import { VarveError } from "../../src/core/error.js";
import { emptyHash, ReadAbortedError, SizeLimitError, VerificationError } from "../../src/v1/index.js";

describe("errors of reading", () => {
  it("says what was aborted and why, and keeps the reason", () => {
    const reason = new DOMException("enough", "AbortError");
    const error = new ReadAbortedError("a layer", reason);
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({ name: "ReadAbortedError", code: "ERR_VARVE_ABORTED", cause: reason });
    expect(error.message).toBe("reading a layer was aborted (enough)");
  });

  it("says what is too large, what is allowed, and what to do", () => {
    const error = new SizeLimitError("manifest", 7, "raise maxManifestBytes");
    expect(error).toMatchObject({
      name: "SizeLimitError",
      code: "ERR_VARVE_SIZE_LIMIT",
      limit: 7,
      retryable: false,
    });
    expect(error.message).toBe("manifest has more than the 7 bytes that are allowed: raise maxManifestBytes");
  });

  it("tells what was expected and what was found", () => {
    const error = new VerificationError("blob", { digest: emptyHash, size: 0 }, { size: 3 });
    expect(error).toMatchObject({
      name: "VerificationError",
      code: "ERR_VARVE_VERIFICATION",
      expected: { digest: emptyHash, size: 0 },
      found: { size: 3 },
    });
    expect(error.message).toMatch(
      /^blob is not what it should be: expected sha256:e3b0c442[0-9a-f]{56} of 0 bytes, found 3 bytes; /,
    );
  });

  it("names only what is known", () => {
    expect(new VerificationError("blob", { digest: emptyHash }, {}).message).toMatch(
      /expected sha256:[0-9a-f]{64}, found nothing in particular;/,
    );
  });
});
