import { init } from "../../core/index.js";
import type { Repository } from "../../name/index.js";
import { quote } from "../../v1/quote.js";
import { PushStoreError, PushUnderWayError, ResumeError } from "./errors.js";
import type { ResumableOptions } from "./options.js";
import { type PushRecord, readPushRecord, writePushRecord } from "./push-record.js";

/** One key of a store, as long as a call has it. */
export class PushState {
  readonly #options: Pick<ResumableOptions, "store" | "key">;

  private constructor(options: Pick<ResumableOptions, "store" | "key">) {
    this.#options = options;
  }

  /**
   * Takes a key, does the work, and gives the key back.
   *
   * @throws {PushUnderWayError} if another push has it
   * @throws {PushStoreError} if the store fails
   */
  static async with<T>(
    options: Pick<ResumableOptions, "store" | "key">,
    work: (state: PushState) => Promise<T>,
  ): Promise<T> {
    await init();
    const { store, key } = options;
    const release = await told("the key of the push could not be taken", async () => store.acquire(key));
    if (release === undefined) {
      throw new PushUnderWayError();
    }
    try {
      return await work(new PushState(options));
    } finally {
      // How the push ended is what counts.
      await release().catch(() => undefined);
    }
  }

  /**
   * What was saved; undefined if nothing was. Somebody else may be changing it.
   *
   * @throws {ResumeError} if it is not intact
   */
  static async read({
    store,
    key,
  }: Pick<ResumableOptions, "store" | "key">): Promise<PushRecord | undefined> {
    const bytes = await told("what was saved of the push could not be read", async () => store.load(key));
    return bytes && readPushRecord(bytes);
  }

  /** What was saved; undefined if nothing was. @throws {ResumeError} if it is not intact */
  load(): Promise<PushRecord | undefined> {
    return PushState.read(this.#options);
  }

  async save(record: PushRecord): Promise<void> {
    const { store, key } = this.#options;
    const bytes = writePushRecord(record);
    await told(
      "the state of the push could not be saved; what was saved before is still there to go on with",
      async () => store.save(key, bytes),
    );
  }

  /** @param outcome what has become of the push, to end a message with */
  async remove(outcome: string): Promise<void> {
    const { store, key } = this.#options;
    await told(
      `the state of a push, which is a secret, could not be removed, and must be by hand; ${outcome}`,
      async () => store.remove(key),
    );
  }
}

/** @throws {ResumeError} if the push is one to another repository */
export function checkRepository(record: PushRecord, repository: Repository): void {
  if (record.repository !== repository.name()) {
    throw new ResumeError(
      "repository",
      `what was saved under this key is of a push to ${quote(record.repository)}, and not to ${repository}: use another key, or forget that push`,
    );
  }
}

async function told<T>(problem: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof PushStoreError ? error : new PushStoreError(problem, error);
  }
}
