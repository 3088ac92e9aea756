import { init } from "../../core/index.js";
import type { Repository } from "../../name/index.js";
import { Client } from "../auth/client.js";
import type { Connection } from "../auth/connection.js";
import type { RemoteOptions } from "../options.js";
import { NetworkError } from "../transport/network-error.js";
import { operation } from "../transport/operation.js";
import { ProtocolError, UnsafeLocationError } from "../transport/protocol-error.js";
import { RegistryError } from "../transport/registry-error.js";
import { ResumeError } from "./errors.js";
import type { ResumableOptions } from "./options.js";
import type { PushRecord } from "./push-record.js";
import { checkRepository, PushState } from "./push-state.js";
import { firstByteOf, forgetUpload, refused } from "./take-up.js";

/** What can be told of a push that has not ended. */
export interface SavedPush {
  /** The full name of the repository that it goes to. */
  readonly repository: string;
  /** Compressed bytes that the registry had confirmed. */
  readonly acknowledged: number;
  /**
   * The latest byte with which a source may begin that is given anew, unless the push has to start over: what comes before is not needed to
   * go on, but to verify that the source is the same.
   */
  readonly sourceOffset: number;
}

/**
 * What was saved of a push, if anything was. The registry is not asked.
 *
 * @throws {ResumeError} if it is not intact
 * @throws {PushStoreError} if the store fails
 */
export async function savedPush({
  store,
  key,
}: Pick<ResumableOptions, "store" | "key">): Promise<SavedPush | undefined> {
  await init();
  const record = await PushState.read({ store, key });
  if (record === undefined) {
    return undefined;
  }
  const { repository, acknowledged, checkpoints } = record;
  try {
    return { repository, acknowledged, sourceOffset: firstByteOf(checkpoints) };
  } catch (error) {
    throw refused(error);
  }
}

/**
 * Forgets a push that will not be gone on with: the registry is asked to forget the upload, if it lets the client in, for two seconds at most
 * from then on, and what was saved is removed, also if it is damaged.
 *
 * @returns whether anything had been saved
 * @throws {PushUnderWayError} if the push is under way
 * @throws {ResumeError} if it is a push to another repository
 * @throws {PushStoreError} if the store fails
 */
export async function forgetPush(
  repository: Repository,
  { store, key }: Pick<ResumableOptions, "store" | "key">,
  options: RemoteOptions = {},
): Promise<boolean> {
  const { signal } = options;
  const client = new Client(options);
  return operation(`forgetting a push to ${repository}`, signal, () =>
    PushState.with({ store, key }, async (state) => {
      const record = await state.load().catch((error: unknown) => {
        if (error instanceof ResumeError) {
          return "damaged" as const;
        }
        throw error;
      });
      if (record === undefined) {
        return false;
      }
      if (record !== "damaged") {
        checkRepository(record, repository);
        await askToForget(record, client.connect(repository, [repository.scope("push,pull")], signal));
      }
      await state.remove("the upload was forgotten");
      return true;
    }),
  );
}

/** What can't be asked for ends by itself: registries remove uploads that nobody goes on with. */
async function askToForget(record: PushRecord, connecting: Promise<Connection>): Promise<void> {
  try {
    await forgetUpload(record, await connecting);
  } catch (failure) {
    const unanswered =
      failure instanceof NetworkError ||
      failure instanceof RegistryError ||
      failure instanceof ProtocolError ||
      failure instanceof UnsafeLocationError;
    if (!unanswered) {
      throw failure;
    }
  }
}
