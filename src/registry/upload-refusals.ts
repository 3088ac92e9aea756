import { RefusalError } from "./refusal.js";

/** The refusal of a request for an upload that is not there. */
export function unknownUpload(): RefusalError {
  return new RefusalError(
    404,
    "BLOB_UPLOAD_UNKNOWN",
    "no such upload in this repository: it ended, expired or never began; start a new one",
  );
}

/** The refusal of a request whose upload another one goes on with. */
export function takenOver(): RefusalError {
  return new RefusalError(
    409,
    "BLOB_UPLOAD_INVALID",
    "another request took over this upload; ask for its status",
  );
}

/** The refusal of a body that is not as long as its headers announced. */
export function wrongLength(than: "more" | "fewer", expected: number | undefined): RefusalError {
  return new RefusalError(
    400,
    "SIZE_INVALID",
    `the body has ${than} bytes than the ${expected} that its headers announced; ask for the upload's status before going on`,
  );
}
