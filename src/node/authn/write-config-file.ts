import { randomUUID } from "node:crypto";
import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readable } from "../../authn/source.js";
import { messageOf } from "../../core/message.js";
import { errorCode, orAbsent, syncDirectory } from "../durable-file.js";
import { CredentialFileError } from "./credential-file-error.js";

/** The file that a name stands for: where a symbolic link leads, so that the link stays one. */
export async function linkedFile(path: string): Promise<string> {
  try {
    return (await orAbsent(realpath(path))) ?? path;
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * Writes a file of credentials as a whole, for its owner alone (mode 0600); others see the old content or the new, also after a power
 * failure. The directory is made, for its owner alone, if it is not there.
 *
 * @throws {CredentialFileError} if it cannot be written; the file is then as it was
 */
export async function writeConfigFile(path: string, text: string): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.varve-${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(directory);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(path, error);
  }
}

function writeError(path: string, cause: unknown): CredentialFileError {
  return new CredentialFileError(
    path,
    `cannot write credentials to ${readable(path)} (${errorCode(cause) ?? messageOf(cause)}); make it and its directory writable, or name another file`,
    { cause },
  );
}
