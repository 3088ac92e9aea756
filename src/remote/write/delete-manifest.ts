import { quietly } from "../../bytes/index.js";
import type { Reference, Repository } from "../../name/index.js";
import { Client } from "../auth/client.js";
import type { RemoteOptions } from "../options.js";
import { operation } from "../transport/operation.js";
import { settle } from "../transport/registry-error.js";
import { Blobs } from "../upload/blobs.js";

/**
 * Deletes a manifest, or, given a tag, that tag alone, as far as the registry makes the difference. What it is made of stays.
 *
 * @throws {RegistryError} unless the registry answers 200 or 202; many take only digests, or delete nothing at all
 */
export async function deleteManifest(reference: Reference, options: RemoteOptions = {}): Promise<void> {
  const { signal } = options;
  const client = new Client(options);
  const repository = reference.context();
  await operation(`deleting ${reference.name()}`, signal, async () => {
    const connection = await client.connect(repository, [repository.scope("push,pull,delete")], signal);
    const url = new URL(
      `${connection.root.href}${repository.repositoryStr()}/manifests/${reference.identifier()}`,
    );
    await client.retry.read(async (attempt) => {
      const answer = await connection.send({ method: "DELETE", url, signal });
      // What isn't there any more may have been deleted by a try before, of which only the answer was lost.
      await settle(answer, attempt > 1 ? [200, 202, 404] : [200, 202], signal);
    }, signal);
  });
}

/**
 * Finds out whether the credentials allow to push to a repository: an upload is opened, and given up at once.
 *
 * @throws {RegistryError} if they do not; `code` is `ERR_VARVE_DENIED` or `ERR_VARVE_UNAUTHORIZED`
 */
export async function checkPushPermission(
  repository: Repository,
  options: RemoteOptions = {},
): Promise<void> {
  const { signal } = options;
  const client = new Client(options);
  await operation(`asking whether ${repository} may be pushed to`, signal, async () => {
    const connection = await client.connect(repository, [repository.scope("push,pull")], signal);
    const session = await client.retry.run(() => new Blobs(connection, repository).open(signal), signal);
    quietly(session.cancel());
  });
}
