import { constants, type FileHandle, open } from "node:fs/promises";
import { readable } from "../../authn/source.js";
import { messageOf } from "../../core/message.js";
import { errorCode } from "../durable-file.js";
import { readOn } from "../read-on.js";
import { CredentialFileError } from "./credential-file-error.js";

/** Far more than any login leaves behind. */
const LARGEST = 4 * 1024 * 1024;

/**
 * Reads a file of credentials.
 *
 * @returns its text; undefined if there is no such file
 * @throws {CredentialFileError} if it cannot be read, is a pipe, is larger than 4 MiB, or is not UTF-8
 */
export async function readConfigFile(path: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    // A pipe that nobody writes to would be waited for as it is opened.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      bytes = await readBounded(file, path);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      return undefined;
    }
    throw error instanceof CredentialFileError
      ? error
      : new CredentialFileError(
          path,
          `cannot read credentials from ${readable(path)} (${code ?? messageOf(error)}); make it readable, or name another file`,
          { cause: error },
        );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CredentialFileError(path, `${readable(path)} is not text in UTF-8; correct or remove it`);
  }
}

async function readBounded(file: FileHandle, path: string): Promise<Uint8Array> {
  if ((await file.stat()).isFIFO()) {
    throw new CredentialFileError(
      path,
      `${readable(path)} is a pipe, and credentials are read more than once; write them to a file`,
    );
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const bytes = await readOn(file, 64 * 1024);
    if (bytes.length === 0) {
      return Buffer.concat(pieces);
    }
    size += bytes.length;
    if (size > LARGEST) {
      throw new CredentialFileError(
        path,
        `${readable(path)} is larger than ${LARGEST} bytes, which no file of credentials is; name another`,
      );
    }
    pieces.push(bytes);
  }
}
