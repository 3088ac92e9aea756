import { hashOf } from "../../bytes/index.js";
import type { VarveErrorOptions } from "../../core/error.js";
import type { Digest } from "../../name/index.js";
import {
  type Descriptor,
  encodeIndexManifest,
  type IndexManifest,
  ociImageIndex,
  parseIndexManifest,
} from "../../v1/index.js";
import { isStatus } from "../auth/connection.js";
import type { ReadManifest } from "../read/manifest-reader.js";
import type { RepositoryReader } from "../read/repository-reader.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import type { Answer } from "../transport/transport.js";
import { type PageQuery, pages } from "./pages.js";
import { NO_REFERRERS_API, referrersURL } from "./referrers-api.js";
import { referrersTag } from "./referrers-tag.js";

/** Which referrers are asked for, and how. */
export interface ReferrersQuery extends PageQuery {
  readonly artifactType?: string | undefined;
  /** Whether a tag may be read where there is no API for referrers. */
  readonly tagFallback: boolean;
}

/**
 * The list of what refers to a manifest, as an index: from the registry, on however many pages, or from the tag that clients keep. The
 * artifact type is left to the registry to look for, and looked for here as far as it has not.
 *
 * @throws {RegistryError} if there is no API for referrers and the tag must not be read
 */
export async function readReferrers(
  reader: RepositoryReader,
  subject: Digest,
  query: ReferrersQuery,
): Promise<ReadManifest> {
  const index = (await fromAPI(subject, query)) ?? (await fromTag(reader, subject, query));
  const { artifactType } = query;
  const manifests = (index.manifests ?? []).filter(
    (each) => artifactType === undefined || each.artifactType === artifactType,
  );
  const bytes = encodeIndexManifest({ ...index, manifests });
  return { bytes, mediaType: ociImageIndex, digest: await hashOf(bytes) };
}

/** Undefined if the registry has no such API. */
async function fromAPI(subject: Digest, query: ReferrersQuery): Promise<IndexManifest | undefined> {
  const url = referrersURL(query.connection.root, subject.context(), subject.digest());
  if (query.artifactType !== undefined) {
    url.searchParams.set("artifactType", query.artifactType);
  }
  let index: IndexManifest | undefined;
  const manifests: Descriptor[] = [];
  try {
    for await (const { answer, bytes } of pages(url, { ...query, headers: { accept: ociImageIndex } })) {
      if (answer.response.headers.get("content-type")?.split(";")[0]?.trim() !== ociImageIndex) {
        if (query.tagFallback) {
          return undefined;
        }
        throw noList(answer);
      }
      const page = listIn(bytes, answer);
      index ??= page;
      for (const listed of page.manifests ?? []) {
        manifests.push(listed);
      }
    }
  } catch (failure) {
    if (query.tagFallback && isStatus(failure, ...NO_REFERRERS_API)) {
      return undefined;
    }
    throw failure;
  }
  return index && { ...index, manifests };
}

function listIn(bytes: Uint8Array, answer: Answer): IndexManifest {
  try {
    return parseIndexManifest(bytes);
  } catch (cause) {
    throw noList(answer, { cause });
  }
}

function noList({ url }: Answer, options: VarveErrorOptions = {}): ProtocolError {
  return new ProtocolError(
    `GET ${redactURL(url)}: the answer should be an OCI index that lists referrers, and is something else`,
    options,
  );
}

async function fromTag(
  reader: RepositoryReader,
  subject: Digest,
  { signal }: ReferrersQuery,
): Promise<IndexManifest> {
  const tag = subject.context().tag(referrersTag(subject.digest()));
  try {
    return parseIndexManifest((await reader.manifest(tag, signal, [ociImageIndex])).bytes);
  } catch (failure) {
    if (isStatus(failure, 404)) {
      return { schemaVersion: 2, mediaType: ociImageIndex, manifests: [] };
    }
    throw failure;
  }
}
