import { hashOf } from "../../bytes/index.js";
import type { Repository } from "../../name/index.js";
import {
  type Descriptor,
  dockerManifestSchema1Signed,
  type Hash,
  HashError,
  type MediaType,
  newHash,
  VerificationError,
} from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { hiddenHeader } from "../transport/hidden-header.js";
import { printable } from "../transport/printable.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import { RegistryError, settle } from "../transport/registry-error.js";
import { readBody } from "../transport/response-body.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { Answer, RegistryRequest } from "../transport/transport.js";
import { ALL_MANIFESTS } from "./manifest-types.js";
import { readBounded } from "./read-bounded.js";

/** A manifest as a registry has it. */
export interface ReadManifest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the registry says that it is. */
  readonly mediaType: MediaType;
  /** Of the bytes; what was asked for, if it was asked for by digest. */
  readonly digest: Hash;
  /** What the registry calls this state of what was asked for, if it does (`ETag`). */
  readonly etag?: string;
}

/** How a manifest is asked for. */
export interface ManifestQuery {
  /** Kinds of manifests that are wanted. Default: all. */
  readonly accept?: readonly MediaType[] | undefined;
  readonly maxManifestBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads the manifests of one repository. */
export class ManifestReader {
  readonly #connection: Connection;
  readonly #retry: RetryPolicy;
  readonly #root: string;

  constructor(connection: Connection, repository: Repository, retry: RetryPolicy) {
    this.#connection = connection;
    this.#retry = retry;
    this.#root = `${connection.root.href}${repository.repositoryStr()}/manifests/`;
  }

  /** Where a manifest is. @param identifier a tag or a digest */
  url(identifier: string): URL {
    return new URL(`${this.#root}${identifier}`);
  }

  /**
   * Reads a manifest whole.
   *
   * @param identifier a tag
   * @param expected the digest, if it is asked for by that
   * @throws {RegistryError} unless the registry answers 200
   * @throws {SizeLimitError} if it is too large
   * @throws {VerificationError} if it has another digest than was asked for, or than the registry says
   */
  get(identifier: string, expected: Hash | undefined, query: ManifestQuery = {}): Promise<ReadManifest> {
    return this.#retry.read(() => this.#getOnce(identifier, expected, query), query.signal);
  }

  /**
   * Asks what a manifest is, without reading it.
   *
   * @returns undefined if the registry answers with one of the statuses that mean that there is none
   * @throws {RegistryError} if the registry answers with another status than 200 and those
   * @throws {ProtocolError} if it leaves out what the manifest is
   */
  async head(
    identifier: string,
    query: ManifestQuery = {},
    absent: readonly number[] = [],
  ): Promise<Descriptor | undefined> {
    const answer = await this.#connection.send(this.#request("HEAD", identifier, query), this.#retry);
    await settle(answer, [200, ...absent], query.signal);
    return answer.response.status === 200 ? described(answer) : undefined;
  }

  async #getOnce(
    identifier: string,
    expected: Hash | undefined,
    query: ManifestQuery,
  ): Promise<ReadManifest> {
    const { signal, maxManifestBytes } = query;
    const answer = await this.#connection.send(this.#request("GET", identifier, query));
    const { response } = answer;
    if (response.status !== 200) {
      throw new RegistryError(answer, await readBody(response, signal));
    }
    const what = `the manifest ${redactURL(answer.url)}`;
    const bytes = await readBounded(answer, { signal, what, maxBytes: maxManifestBytes });
    const mediaType = mediaTypeOf(answer);
    return {
      bytes,
      mediaType,
      digest: await digestOf(bytes, mediaType, answer, expected, what),
      ...etagOf(response),
    };
  }

  #request(method: "GET" | "HEAD", identifier: string, query: ManifestQuery): RegistryRequest {
    const { signal, accept = ALL_MANIFESTS } = query;
    return { method, url: this.url(identifier), headers: { accept: accept.join(", ") }, signal };
  }
}

/** What the registry says that a manifest is; errors tell it, and registries say anything. */
function mediaTypeOf({ response, conceal }: Answer): MediaType {
  const mediaType = response.headers.get("content-type") ?? "";
  return ALL_MANIFESTS.includes(mediaType) ? mediaType : conceal(mediaType);
}

/**
 * The digest of a manifest. Of a signed one of Docker's first schema, which is of a part of the bytes, the registry's word is taken if it
 * was asked for by a tag; asked for by digest nothing is taken that is not proven, whatever it calls itself.
 */
async function digestOf(
  bytes: Uint8Array,
  mediaType: MediaType,
  answer: Answer,
  expected: Hash | undefined,
  what: string,
): Promise<Hash> {
  const told = hashIn(answer);
  if (mediaType === dockerManifestSchema1Signed && told !== undefined && expected === undefined) {
    return told;
  }
  const wanted = expected ?? told;
  const found = await hashOf(bytes, wanted?.algorithm);
  if (wanted !== undefined && !found.equals(wanted)) {
    throw new VerificationError(what, { digest: wanted }, { digest: found, size: bytes.length });
  }
  return found;
}

function described(answer: Answer): Descriptor {
  const { headers, type } = answer.response;
  const mediaType = headers.get("content-type");
  const length = headers.get("content-length");
  const digest = hashIn(answer);
  const missing = Object.entries({
    "Content-Type": mediaType,
    "Content-Length": length,
    "Docker-Content-Digest": digest,
  }).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length > 0 && type === "cors") {
    throw hiddenHeader(answer, missing.join(", "), "what the manifest is cannot be seen");
  }
  if (!mediaType || !length || digest === undefined || !/^\d{1,15}$/.test(length)) {
    throw new ProtocolError(
      `HEAD ${redactURL(answer.url)}: the answer lacks ${missing.join(", ") || "a Content-Length that is a number"}, so what the manifest is is not known; ask with GET instead`,
    );
  }
  return { mediaType, size: Number(length), digest };
}

/** What the registry says that the digest is; undefined if it says nothing, or nothing that is a digest. */
function hashIn({ response, conceal }: Answer): Hash | undefined {
  const text = response.headers.get("docker-content-digest")?.trim() ?? "";
  if (text === "") {
    return undefined;
  }
  try {
    return newHash(text);
  } catch (failure) {
    if (failure instanceof HashError) {
      throw new ProtocolError(
        `the registry says that a manifest's digest is ${printable(conceal(text), 96)}, which is no digest`,
      );
    }
    throw failure;
  }
}

function etagOf({ headers }: Response): { etag?: string } {
  const etag = headers.get("etag");
  return etag === null ? {} : { etag };
}
