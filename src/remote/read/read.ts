import type { Digest, Reference, Registry, Repository } from "../../name/index.js";
import type { Descriptor, Image, ImageIndex, Layer } from "../../v1/index.js";
import type { RemoteOptions } from "../options.js";
import { newPuller, type Puller } from "./puller.js";
import type { RemoteDescriptor } from "./remote-descriptor.js";

/** How something is read from a registry. */
export interface ReadRemoteOptions extends RemoteOptions {
  /** Reads in place of a puller of this call's own. Beside it only `signal` and `filter` are heeded. */
  readonly reuse?: Puller | undefined;
}

/**
 * Reads a manifest, of whatever kind: it is held to the digest that is asked for, and to 4 MiB.
 *
 * @throws {RegistryError} if the registry refuses; `code` is `ERR_VARVE_NOT_FOUND` if there is no such manifest
 * @throws {NetworkError} if the registry cannot be reached, or the connection breaks
 * @throws {SizeLimitError} if the manifest is too large
 * @throws {VerificationError} if it is not what was asked for, or not what the registry says that it is
 * @throws {OperationAbortedError} if the signal was aborted; its reason is the `cause`
 */
export async function get(reference: Reference, options: ReadRemoteOptions = {}): Promise<RemoteDescriptor> {
  return pullerOf(options).get(reference, options);
}

/** Asks what a manifest is, without reading it. @throws {ProtocolError} if the registry leaves that out, and what {@link get} throws */
export async function head(reference: Reference, options: ReadRemoteOptions = {}): Promise<Descriptor> {
  return pullerOf(options).head(reference, options);
}

/**
 * Reads an image's manifest; of an index, that of the image for the platform. Configuration and layers are read when they are asked
 * for, and held to their digests as they are read; a connection that breaks under a layer is taken up where it broke.
 *
 * @throws {ManifestUnknownError} if an index lists no image for the platform
 * @throws {UnsupportedError} if it is of Docker's first schema
 * @throws what {@link get} throws
 */
export async function image(reference: Reference, options: ReadRemoteOptions = {}): Promise<Image> {
  return pullerOf(options).image(reference, options);
}

/** Reads an index. @throws {UnsupportedError} if it is none, and what {@link get} throws */
export async function index(reference: Reference, options: ReadRemoteOptions = {}): Promise<ImageIndex> {
  return pullerOf(options).index(reference, options);
}

/** A blob as a layer. Nothing is asked before it is needed: the size by HEAD, and for the diffID all must be read. */
export async function layer(reference: Digest, options: ReadRemoteOptions = {}): Promise<Layer> {
  return pullerOf(options).layer(reference);
}

/**
 * The tags of a repository, in the registry's order.
 *
 * @throws {UnsafeLocationError | ProtocolError} if the registry says of a next page that it is elsewhere, or nothing that can be read
 * @throws what {@link get} throws
 */
export async function list(
  repository: Repository,
  options: ReadRemoteOptions = {},
): Promise<readonly string[]> {
  return pullerOf(options).list(repository, options);
}

/** The repositories of a registry, in its order; many registries have no such list, or show it to few. @throws as {@link list} does */
export async function catalog(
  registry: Registry,
  options: ReadRemoteOptions = {},
): Promise<readonly string[]> {
  return pullerOf(options).catalog(registry, options);
}

/**
 * The list of what refers to a manifest (`subject`), as an index; empty if there is nothing.
 *
 * @throws {RegistryError} if the registry has no API for referrers and `referrersTagFallback` is false, and what {@link get} throws
 */
export async function referrers(subject: Digest, options: ReadRemoteOptions = {}): Promise<ImageIndex> {
  return pullerOf(options).referrers(subject, options);
}

function pullerOf(options: ReadRemoteOptions): Puller {
  return options.reuse ?? newPuller(options);
}
