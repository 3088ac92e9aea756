import type { Reference, Repository } from "../../name/index.js";
import { isReference } from "../../name/kind.js";
import { inner } from "../../partial/index.js";
import type { Layer } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { NetworkError } from "../transport/network-error.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { RegistryError } from "../transport/registry-error.js";

/** A layer that is known to be in a repository, from which another one of the same registry can have it mounted. */
export interface MountableLayer extends Layer {
  /** Where it is: any reference of that repository. */
  readonly reference: Reference;
}

/** The repository that a layer is known to be in, whatever wraps the layer; undefined if it is not known. */
export function mountSourceOf(layer: object): Repository | undefined {
  for (let each: object | undefined = layer; each !== undefined; each = innerOf(each)) {
    const reference: unknown = Reflect.get(each, "reference");
    if (isReference(reference)) {
      return reference.context();
    }
  }
  return undefined;
}

/** The repository that a layer can be mounted from into another: one of the same registry, and not that itself. */
export function mountableFrom(layer: Layer, into: Repository): Repository | undefined {
  const source = mountSourceOf(layer);
  const elsewhere =
    source?.registryStr() === into.registryStr() && source.repositoryStr() !== into.repositoryStr();
  return elsewhere ? source : undefined;
}

/** What mounting layers into a repository takes access to, beside that repository itself. */
export function mountScopes(layers: readonly Layer[], into: Repository): readonly string[] {
  const sources = layers.flatMap((layer) => mountableFrom(layer, into) ?? []);
  return [...new Set(sources.map((source) => source.scope("pull")))];
}

/**
 * Gets access to what layers are mounted from. Mounting only spares sending, so that what is in the way of it is no failure.
 *
 * @returns whether the access was given
 */
export async function widenToMount(
  connection: Connection,
  scopes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await connection.widen(scopes, signal);
    return true;
  } catch (failure) {
    if (
      failure instanceof RegistryError ||
      failure instanceof NetworkError ||
      failure instanceof ProtocolError
    ) {
      return false;
    }
    throw failure;
  }
}

function innerOf(object: object): object | undefined {
  const wrapped: unknown = Reflect.get(object, inner);
  return typeof wrapped === "object" && wrapped !== null ? wrapped : undefined;
}
