import { unlessAborted } from "../bytes/index.js";
import { type Describable, descriptor, manifests } from "../partial/index.js";
import { type Hash, type Image, type ImageIndex, type Layer, parseManifest } from "../v1/index.js";
import { unlessNotComputed } from "../v1/unless-not-computed.js";
import type { Blobs } from "./blobs.js";
import { forEachOf } from "./tasks.js";
import { type Kind, Visited } from "./visited.js";
import type { Writing } from "./write-options.js";

/** Writes a layer, unless it is there; one that doesn't know its digest yet goes straight in, and is named when it is over. */
export async function writeLayer(blobs: Blobs, layer: Layer, writing: Writing): Promise<Hash> {
  const { signal } = writing;
  const identity = async (): Promise<{ digest: Hash; size: number }> => ({
    digest: await layer.digest({ signal }),
    size: await layer.size({ signal }),
  });
  const known = await unlessNotComputed(unlessAborted(signal, identity()));
  if (known === undefined) return blobs.writeStream(() => layer.compressed({ signal }), identity, writing);
  await blobs.write(known, () => layer.compressed({ signal }), writing);
  return known.digest;
}

/** Writes an image: its layers, then the configuration, and the manifest last, so that what is there is there with all that it lists. */
export async function writeImage(blobs: Blobs, image: Image, writing: Writing): Promise<Hash> {
  const { signal } = writing;
  const layers = await distinct(await unlessAborted(signal, image.layers({ signal })), signal);
  await forEachOf(layers, writing.jobs, signal, async (layer, ended) => {
    await writeLayer(blobs, layer, { ...writing, signal: ended });
  });
  const manifest = await unlessAborted(signal, image.rawManifest({ signal }));
  const { config } = parseManifest(manifest);
  const configFile = await unlessAborted(signal, image.rawConfigFile({ signal }));
  await blobs.writeBytes(configFile, writing, config.digest);
  return blobs.writeBytes(manifest, writing, (await descriptor(image, { signal })).digest);
}

/** Writes all that is in an index; what is in it more than once, once. */
export async function writeChildren(blobs: Blobs, index: ImageIndex, writing: Writing): Promise<void> {
  const isFirst = (kind: Kind, child: Describable): Promise<boolean> =>
    writing.visited.isFirst(kind, child, writing);
  for (const child of await manifests(index, writing)) {
    if (has<Image>(child, "configFile")) {
      if (await isFirst("image", child)) await writeImage(blobs, child, writing);
    } else if (has<ImageIndex>(child, "indexManifest")) {
      if (await isFirst("index", child)) await writeIndex(blobs, child, writing);
    } else if (has<Layer>(child, "compressed")) {
      if (await isFirst("layer", child)) await writeLayer(blobs, child, writing);
    }
    // Of what the index can't open, a layout may hold the name alone.
  }
}

/** Writes an index as a blob, after all that is in it. */
export async function writeIndex(blobs: Blobs, index: ImageIndex, writing: Writing): Promise<Hash> {
  await writeChildren(blobs, index, writing);
  const manifest = await unlessAborted(writing.signal, index.rawManifest(writing));
  return blobs.writeBytes(manifest, writing, (await descriptor(index, writing)).digest);
}

/** The layers, but of those with the same digest one: two writers of one blob would be one too many. */
async function distinct(layers: readonly Layer[], signal: AbortSignal | undefined): Promise<Layer[]> {
  const visited = new Visited();
  const kept: Layer[] = [];
  for (const layer of layers) {
    if (await visited.isFirst("layer", layer, { signal })) kept.push(layer);
  }
  return kept;
}

function has<T>(child: Describable, method: keyof T): child is Describable & T {
  return typeof Reflect.get(child, method) === "function";
}
