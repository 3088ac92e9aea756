import type { Hash, Layer } from "../../v1/index.js";
import { atMost, ChildController, unlessAborted } from "../transport/abort.js";
import { locationOf, withDigest } from "../transport/location.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import { settle } from "../transport/registry-error.js";
import { discardBody } from "../transport/response-body.js";
import type { Answer, Transport } from "../transport/transport.js";
import { UploadBody } from "./upload-body.js";

/** How long the clean-up after a failure may hold that failure up. */
const CLEAN_UP_MILLISECONDS = 2000;

/**
 * One upload in one request, as docker does it: POST opens a session, one PATCH carries the blob, PUT with the digest
 * commits it (OCI distribution-spec, "Pushing a blob in chunks", with a single chunk and without `Content-Range`).
 */
export class UploadSession {
  readonly #transport: Transport;
  readonly #signal: AbortSignal | undefined;
  #location: URL;
  #released: Promise<void> = Promise.resolve();

  private constructor(transport: Transport, location: URL, signal: AbortSignal | undefined) {
    this.#transport = transport;
    this.#location = location;
    this.#signal = signal;
  }

  /**
   * Opens a session.
   *
   * @param uploads where a repository takes uploads
   * @throws {RegistryError} unless the registry answers 202
   * @throws {ProtocolError | UnsafeLocationError} if it does not say where the session is, or may not be followed there
   */
  static async open(transport: Transport, uploads: URL, signal?: AbortSignal): Promise<UploadSession> {
    signal?.throwIfAborted();
    // The request outlives the signal for a while: an answer that comes after all names a session to be forgotten.
    const request = new AbortController();
    const opening = (async () => {
      const answer = await transport.send({ method: "POST", url: uploads, signal: request.signal });
      await settle(answer, [202], request.signal);
      return new UploadSession(transport, locationOf(answer), signal);
    })();
    try {
      return await unlessAborted(signal, opening, () => undefined);
    } catch (failure) {
      if (signal?.aborted === true) {
        await atMost(
          CLEAN_UP_MILLISECONDS,
          opening.then((session) => session.cancel()).catch(() => undefined),
        );
        request.abort(failure);
      }
      throw failure;
    }
  }

  /**
   * Opens the layer and sends it. If that fails, the layer is ended with the failure as the reason; {@link cancel} waits for that.
   *
   * @param onPiece told the length of each piece before it is sent
   * @throws {RegistryError} if the registry refuses it, be it before all has been sent
   * @throws {LayerReadError} if the layer fails with an error that is not varve's own; varve's own are thrown as they are
   * @throws {ProtocolError | UnsafeLocationError} if the session cannot be gone on with
   */
  async send(layer: Layer, onPiece: (bytes: number) => void): Promise<void> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    const source = await unlessAborted(signal, layer.compressed(signal && { signal }), (late) => {
      late.cancel(signal?.reason).catch(() => undefined);
    });
    const body = new UploadBody(source, onPiece);
    const request = new ChildController(signal);
    try {
      const answer = await this.#patch(body, request.signal);
      await settle(answer, [201, 202, 204], signal);
      if (!body.ended) {
        throw new ProtocolError(
          `PATCH ${redactURL(answer.url)}: answered with status ${answer.response.status} when only ${body.sent} bytes of the layer had been sent, so the blob would be cut short; the registry, a proxy before it, or this runtime does not take streamed request bodies`,
        );
      }
      this.#location = locationOf(answer);
    } catch (failure) {
      request.abort(failure);
      this.#released = body.release(failure).catch(() => undefined);
      throw failure;
    } finally {
      request.detach();
    }
  }

  /** The answer to the body, or the body's own failure: the runtime would only say that the request failed. */
  async #patch(body: UploadBody, signal: AbortSignal): Promise<Answer> {
    const answer = this.#transport.send({
      method: "PATCH",
      url: this.#location,
      headers: { "content-type": "application/octet-stream" },
      body: body.stream,
      signal,
    });
    try {
      return await Promise.race([answer, body.failed]);
    } catch (failure) {
      answer.then(({ response }) => discardBody(response)).catch(() => undefined);
      this.#signal?.throwIfAborted();
      throw failure;
    } finally {
      body.halt();
    }
  }

  /**
   * Ends the session: what has been sent becomes a blob.
   *
   * @throws {RegistryError} unless the registry answers 201
   * @throws {ProtocolError} if the registry says that the blob is another one
   */
  async commit(digest: Hash): Promise<void> {
    const answer = await this.#transport.send({
      method: "PUT",
      url: withDigest(this.#location, digest),
      signal: this.#signal,
    });
    await settle(answer, [201], this.#signal);
    const confirmed = answer.response.headers.get("docker-content-digest");
    if (confirmed !== null && confirmed !== String(digest)) {
      throw new ProtocolError(
        `PUT ${redactURL(answer.url)}: the registry committed ${confirmed} where ${digest} was sent; the data was changed on the way, or the registry is at fault`,
      );
    }
  }

  /**
   * Asks the registry to forget the session, and waits for a layer that is being ended. Takes two seconds at most, and does not
   * tell whether it worked.
   */
  async cancel(): Promise<void> {
    const request = new AbortController();
    const forgotten = this.#transport
      .send({ method: "DELETE", url: this.#location, signal: request.signal })
      .then(({ response }) => discardBody(response, request.signal));
    await atMost(CLEAN_UP_MILLISECONDS, Promise.allSettled([forgotten, this.#released]));
    request.abort();
  }
}
