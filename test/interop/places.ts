import { join } from "node:path";
import * as empty from "../../src/empty/index.js";
import { layout as layouts } from "../../src/node/index.js";
import * as remote from "../../src/remote/index.js";
import { type Image, type ImageIndex, isIndex } from "../../src/v1/index.js";
import type { PeerRegistry } from "./peer-registry.js";

/** An image, or an index of several. */
export type Subject = Image | ImageIndex;

/** Where images are kept under names, for this package and for skopeo. */
export interface Place {
  /** What skopeo calls the image of that name. */
  reference(name: string): string;
  write(name: string, subject: Subject): Promise<void>;
  read(name: string): Promise<Subject>;
}

export function isImage(subject: Subject): subject is Image {
  return "layers" in subject;
}

/** A registry; each name is a repository. */
export function registryPlace(registry: PeerRegistry): Place {
  const tag = (name: string) => registry.tag(`${name}:v1`);
  return {
    reference: (name) => `docker://${tag(name).name()}`,
    async write(name, subject) {
      if (isImage(subject)) await remote.write(tag(name), subject, registry.access);
      else await remote.writeIndex(tag(name), subject, registry.access);
    },
    async read(name) {
      const found = await remote.get(tag(name), registry.access);
      return isIndex(found.mediaType) ? found.imageIndex() : found.image();
    },
  };
}

/** A directory; each name is a layout. */
export function layoutPlace(directory: string): Place {
  const path = (name: string) => join(directory, name.replaceAll("/", "-"));
  return {
    reference: (name) => `oci:${path(name)}:v1`,
    async write(name, subject) {
      const layout = await layouts.write(path(name), empty.index);
      const annotations = { "org.opencontainers.image.ref.name": "v1" };
      if (isImage(subject)) await layout.appendImage(subject, { annotations });
      else await layout.appendIndex(subject, { annotations });
    },
    async read(name) {
      const index = await (await layouts.fromPath(path(name))).imageIndex();
      const [listed, ...others] = (await index.indexManifest()).manifests ?? [];
      if (listed === undefined || others.length > 0) throw new Error(`${path(name)} does not hold one image`);
      return isIndex(listed.mediaType) ? index.imageIndex(listed.digest) : index.image(listed.digest);
    },
  };
}
