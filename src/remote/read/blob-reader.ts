import { fromBytes, readableOf, verified, verifyBytes } from "../../bytes/index.js";
import type { Repository } from "../../name/index.js";
import { type Descriptor, type Hash, VerificationError } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { causedBy } from "../transport/earlier-failure.js";
import { isInternalHost } from "../transport/host-guard.js";
import { printable } from "../transport/printable.js";
import { ProtocolError, UnsafeLocationError } from "../transport/protocol-error.js";
import { redactURL, redactURLsIn } from "../transport/redact.js";
import { RegistryError, settle } from "../transport/registry-error.js";
import { readBody } from "../transport/response-body.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { Answer, Transport } from "../transport/transport.js";
import { Blobs } from "../upload/blobs.js";
import { ResumedBody } from "./resumed-body.js";

/** What of a blob is known beforehand. */
export type BlobQuery = Pick<Descriptor, "digest" | "data" | "urls"> & { readonly size?: number | undefined };

/** Reads the blobs of one repository. */
export class BlobReader {
  readonly #connection: Connection;
  readonly #transport: Transport;
  readonly #retry: RetryPolicy;
  readonly #blobs: Blobs;

  /** @param transport for places that are not the registry's */
  constructor(connection: Connection, repository: Repository, transport: Transport, retry: RetryPolicy) {
    this.#connection = connection;
    this.#transport = transport;
    this.#retry = retry;
    this.#blobs = new Blobs(connection, repository);
  }

  /** Whether the repository has a blob. @throws {RegistryError} if the registry answers neither 200 nor 404 */
  has(digest: Hash, signal?: AbortSignal): Promise<boolean> {
    return this.#blobs.has(digest, signal, this.#retry);
  }

  /**
   * The number of bytes of a blob.
   *
   * @throws {RegistryError} if it is not there
   * @throws {ProtocolError} if the registry doesn't say
   */
  async size(digest: Hash, signal?: AbortSignal): Promise<number> {
    const url = this.#blobs.url(digest);
    const answer = await this.#connection.send({ method: "HEAD", url, signal }, this.#retry);
    await settle(answer, [200], signal);
    const size = lengthOf(answer);
    if (size === undefined) {
      throw new ProtocolError(
        `HEAD ${redactURL(answer.url)}: the answer lacks a Content-Length, so how large the blob is is not known`,
      );
    }
    return size;
  }

  /**
   * Opens a blob: what the descriptor carries itself, or else what the registry has, or else what is at the places that the descriptor names.
   * The bytes are held to the digest and, if that is known, the size, as they are read. A connection that breaks is taken up where it
   * broke.
   *
   * @throws {VerificationError} if the answer is of another length than it should be
   * @throws {RegistryError | NetworkError} what the last of the places came to; its cause, if it has no other, is what the one before came to
   */
  async open(blob: BlobQuery, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { digest, size, data } = blob;
    const what = `blob ${digest}`;
    if (data !== undefined) {
      await verifyBytes(data, { digest, size, what });
      return fromBytes(data, { signal, what });
    }
    const body = await this.#openAnywhere(blob, signal);
    return verified(readableOf(body, { what }), { digest, size, signal, what });
  }

  async #openAnywhere(blob: BlobQuery, signal: AbortSignal | undefined): Promise<ResumedBody> {
    const places = [
      () => this.#open(blob, (from) => this.#fromRegistry(blob.digest, from, signal), signal),
      ...(blob.urls ?? []).map(
        (url) => () => this.#open(blob, (from) => this.#fromElsewhere(url, from, signal), signal),
      ),
    ];
    let last: unknown;
    for (const open of places) {
      try {
        return await open();
      } catch (failure) {
        signal?.throwIfAborted();
        causedBy(failure, last);
        last = failure;
      }
    }
    throw last;
  }

  async #open(
    { digest, size }: BlobQuery,
    request: (from: number) => Promise<Answer>,
    signal: AbortSignal | undefined,
  ): Promise<ResumedBody> {
    const answer = await request(0);
    const length = lengthOf(answer);
    if (size !== undefined && length !== undefined && length !== size) {
      await answer.response.body?.cancel().catch(() => undefined);
      throw new VerificationError(`blob ${digest}`, { digest, size }, { size: length });
    }
    return new ResumedBody(answer, request, this.#retry, size ?? length, signal);
  }

  #fromRegistry(digest: Hash, from: number, signal: AbortSignal | undefined): Promise<Answer> {
    const request = {
      method: "GET",
      url: this.#blobs.url(digest),
      headers: headersFor(from),
      signal,
    } as const;
    return accepted(this.#connection.send(request, this.#retry), from, signal);
  }

  /** Where a descriptor says that a blob may be fetched from is in the hands of whoever wrote it. */
  #fromElsewhere(text: string, from: number, signal: AbortSignal | undefined): Promise<Answer> {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (
      url?.protocol !== "https:" ||
      isInternalHost(url.hostname) ||
      url.username !== "" ||
      url.password !== ""
    ) {
      throw new UnsafeLocationError(
        `refused to fetch a layer from ${printable(redactURLsIn(text), 96)}, which its descriptor names: only https URLs of public hosts, without credentials, are`,
      );
    }
    const request = { method: "GET", url, headers: headersFor(from), signal } as const;
    return accepted(
      this.#retry.send(() => this.#transport.send(request), signal),
      from,
      signal,
    );
  }
}

/** A blob's bytes are wanted as they are: a runtime that undid a content coding would count others than the registry does. */
function headersFor(from: number): Record<string, string> {
  return { "accept-encoding": "identity", ...(from === 0 ? {} : { range: `bytes=${from}-` }) };
}

async function accepted(
  sending: Promise<Answer>,
  from: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const answer = await sending;
  const { status } = answer.response;
  if (status !== 200 && (status !== 206 || from === 0)) {
    throw new RegistryError(answer, await readBody(answer.response, signal));
  }
  return answer;
}

/** The number of bytes of an answer's body; undefined if it is not told, or is that of an encoded form. */
function lengthOf({ response }: Answer): number | undefined {
  const length = response.headers.get("content-length") ?? "";
  const encoding = response.headers.get("content-encoding") ?? "identity";
  return /^\d{1,15}$/.test(length) && encoding === "identity" ? Number(length) : undefined;
}
