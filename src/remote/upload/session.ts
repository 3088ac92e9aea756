import { unlessAborted } from "../../bytes/index.js";
import type { Hash } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { atMost } from "../transport/abort.js";
import { hiddenHeader } from "../transport/hidden-header.js";
import { locationOf, withDigest } from "../transport/location.js";
import { printable } from "../transport/printable.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import { settle } from "../transport/registry-error.js";
import { discardBody } from "../transport/response-body.js";
import type { Answer, RegistryRequest } from "../transport/transport.js";
import type { GivenUp } from "./given-up.js";

/** How long the clean-up after a failure may hold that failure up. */
export const CLEAN_UP_MILLISECONDS = 2000;

/** Where an upload goes, and how long its chunks may be. */
export interface SessionPlace {
  readonly location: URL;
  /** Bytes that each chunk but the last must have (`OCI-Chunk-Min-Length`); 0 if the registry doesn't say. */
  readonly minimumChunk: number;
  /** Bytes that a chunk may have at most (`OCI-Chunk-Max-Length`, which is not of the specification); undefined if the registry doesn't say. */
  readonly maximumChunk: number | undefined;
}

/** What is sent to a session, apart from where that is. */
export type SessionRequest = Pick<RegistryRequest, "method" | "headers" | "body" | "signal">;

/**
 * One upload, from the POST that opens it to the PUT that makes a blob of what was sent (OCI distribution-spec, "Pushing blobs"). Each answer
 * may say that the next request goes elsewhere, so the newest `Location` is the one that counts.
 */
export class UploadSession {
  /** Bytes that each chunk but the last must have; 0 if the registry doesn't say. */
  readonly minimumChunk: number;
  /** Bytes that a chunk may have at most; undefined if the registry doesn't say. */
  readonly maximumChunk: number | undefined;
  readonly #connection: Connection;
  readonly #signal: AbortSignal | undefined;
  #location: URL;
  #ending: Promise<unknown> = Promise.resolve();
  #givenUp: GivenUp | undefined;

  /** Goes on with a session that is open. */
  constructor(connection: Connection, place: SessionPlace, signal?: AbortSignal) {
    this.minimumChunk = place.minimumChunk;
    this.maximumChunk = place.maximumChunk;
    this.#connection = connection;
    this.#location = place.location;
    this.#signal = signal;
  }

  /**
   * Opens a session.
   *
   * @param uploads where a repository takes uploads, perhaps with the query that asks for a blob to be mounted
   * @returns undefined if the registry mounted the blob (201), which takes a query that asks for it
   * @throws {RegistryError} unless the registry answers 202, or 201 to a query
   * @throws {ProtocolError | UnsafeLocationError} if it does not say where the session is, or may not be followed there
   */
  static async open(
    connection: Connection,
    uploads: URL,
    signal?: AbortSignal,
  ): Promise<UploadSession | undefined> {
    signal?.throwIfAborted();
    // The request outlives the signal for a while: an answer that comes after all names a session to be forgotten.
    const request = new AbortController();
    const accepted = uploads.search === "" ? [202] : [201, 202];
    const opening = (async () => {
      const answer = await connection.send({ method: "POST", url: uploads, signal: request.signal });
      await settle(answer, accepted, request.signal);
      return answer.response.status === 201
        ? undefined
        : new UploadSession(connection, placeOf(answer), signal);
    })();
    try {
      return await unlessAborted(signal, opening, () => undefined);
    } catch (failure) {
      if (signal?.aborted === true) {
        await atMost(
          CLEAN_UP_MILLISECONDS,
          opening.then((session) => session?.cancel()).catch(() => undefined),
        );
        request.abort(failure);
      }
      throw failure;
    }
  }

  /** Where the next request goes. It may be a capability: it is not for logs. */
  get location(): URL {
    return this.#location;
  }

  /** Makes a request of the session; the answer may be anything. */
  send(request: SessionRequest): Promise<Answer> {
    return this.#connection.send({ signal: this.#signal, ...request, url: this.#location });
  }

  /** Goes on where an answer says. @throws what `locationOf` throws */
  follow(answer: Answer): void {
    this.#location = locationOf(answer);
  }

  /**
   * Asks how much of the blob the registry has.
   *
   * @returns the offset of the last byte that it has; undefined if it has none
   * @throws {RegistryError} if it doesn't say; 404 if it doesn't know the session
   */
  async lastByte(): Promise<number | undefined> {
    const answer = await this.send({ method: "GET" });
    await settle(answer, [200, 202, 204], this.#signal);
    if (answer.response.headers.has("location")) {
      this.follow(answer);
    }
    if (!answer.response.headers.has("range") && answer.response.type === "cors") {
      throw hiddenHeader(answer, "Range", "how much of the upload the registry has is not known");
    }
    return lastByteOf(answer);
  }

  /**
   * Ends the session: what has been sent becomes a blob.
   *
   * @throws what {@link confirm} throws
   */
  async commit(digest: Hash): Promise<void> {
    await this.confirm(await this.put(digest), digest);
  }

  /**
   * Makes the request that ends the session.
   *
   * @param whole the blob's bytes, if none have been sent; else the request has no body
   */
  put(digest: Hash, whole: Omit<SessionRequest, "method"> = {}): Promise<Answer> {
    const url = withDigest(this.#location, digest);
    return this.#connection.send({ signal: this.#signal, ...whole, method: "PUT", url });
  }

  /**
   * Takes the answer to {@link put}.
   *
   * @throws {RegistryError} unless it is 201
   * @throws {ProtocolError} if the registry says that the blob is another one
   */
  async confirm(answer: Answer, digest: Hash): Promise<void> {
    await settle(answer, [201], this.#signal);
    const confirmed = answer.response.headers.get("docker-content-digest");
    if (confirmed !== null && confirmed !== String(digest)) {
      throw new ProtocolError(
        `PUT ${redactURL(answer.url)}: the registry committed ${printable(answer.conceal(confirmed), 160)} where ${digest} was sent; the data was changed on the way, or the registry is at fault`,
      );
    }
  }

  /** Has {@link cancel} wait for something that is ending. */
  endWith(ending: Promise<unknown>): void {
    this.#ending = Promise.allSettled([this.#ending, ending]);
  }

  /** Leaves a request that was given up to {@link cancel}, which follows its answer, or {@link leave}, which ends it: one of them has to be called. */
  giveUp(request: GivenUp): void {
    this.#givenUp = request;
  }

  /**
   * Asks the registry to forget the session, where it is when a request that was given up has come to its end, and waits for a layer that is
   * being ended. Takes two seconds at most, and does not tell whether it worked.
   */
  async cancel(): Promise<void> {
    const request = new AbortController();
    const forgotten = this.#forget(request.signal);
    await atMost(CLEAN_UP_MILLISECONDS, Promise.allSettled([forgotten, this.#ending]));
    request.abort();
  }

  /** Leaves the session as it is, to be gone on with; a request that was given up is ended, with the reason. */
  leave(reason: unknown): void {
    this.#givenUp?.end(reason);
  }

  async #forget(signal: AbortSignal): Promise<void> {
    await this.#givenUp?.follow((answer) => this.follow(answer));
    const { response } = await this.#connection.send({ method: "DELETE", url: this.#location, signal });
    await discardBody(response, signal);
  }
}

/**
 * The offset of the last byte that an answer says the registry has (`Range: 0-last`); undefined if it doesn't say. There is no way to say
 * that there is no byte: registries then say `0-0`, as for one byte.
 */
export function lastByteOf(answer: Answer): number | undefined {
  const found = /^(?:bytes[ =])?0-(\d{1,15})$/.exec(answer.response.headers.get("range")?.trim() ?? "");
  return found === null ? undefined : Number(found[1]);
}

function placeOf(answer: Answer): SessionPlace {
  return {
    location: locationOf(answer),
    minimumChunk: lengthIn(answer.response, "oci-chunk-min-length") ?? 0,
    maximumChunk: lengthIn(answer.response, "oci-chunk-max-length"),
  };
}

function lengthIn({ headers }: Response, name: string): number | undefined {
  const text = headers.get(name)?.trim() ?? "";
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
