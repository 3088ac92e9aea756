import { descriptorJSON, readDescriptor } from "../v1/descriptor.js";
import { type Descriptor, JSONError } from "../v1/index.js";
import { JSONObject } from "../v1/json/read.js";
import { encodeJSON, JSONFields, jsonMap } from "../v1/json/write.js";

/** What `manifest.json` says of one image. Names are those of the tarball's files. */
export interface TarballManifest {
  /** The file with the image's configuration. */
  readonly config: string;
  /** What the image is called, such as `"localhost:5000/app:v1"`; undefined is written as null. */
  readonly repoTags?: readonly string[] | undefined;
  /** The files of the layers, from the bottom to the top. */
  readonly layers: readonly string[];
  /** By diffID, what layers are of which the bytes may have to be fetched from elsewhere. */
  readonly layerSources?: Readonly<Record<string, Descriptor>> | undefined;
}

/** @throws {JSONError} if it is not a list of such objects */
export function parseTarballManifest(bytes: Uint8Array): readonly TarballManifest[] {
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new JSONError("invalid manifest.json: it is not JSON in UTF-8", { cause });
  }
  if (!Array.isArray(list)) throw new JSONError("invalid manifest.json: it is not a list of images");
  return list.map((each, index) => readImage(new JSONObject("manifest.json", `[${index}]`, each)));
}

function readImage(object: JSONObject): TarballManifest {
  const repoTags = object.strings("RepoTags");
  const sources = object.object("LayerSources");
  const layerSources = object.keys("LayerSources")?.map((diffID): [string, Descriptor] => {
    return [diffID, readDescriptor(sources!.required(diffID, sources!.object(diffID)))];
  });
  return {
    config: object.required("Config", object.string("Config")),
    ...(repoTags ? { repoTags } : {}),
    layers: object.strings("Layers") ?? [],
    ...(layerSources?.length ? { layerSources: Object.fromEntries(layerSources) } : {}),
  };
}

/** The list as Go writes it, byte for byte. */
export function encodeTarballManifest(images: readonly TarballManifest[]): Uint8Array<ArrayBuffer> {
  return encodeJSON(
    images.map(({ config, repoTags, layers, layerSources }) => {
      const sources = Object.entries(layerSources ?? {}).map(
        ([diffID, descriptor]) => [diffID, descriptorJSON(descriptor)] as const,
      );
      return new JSONFields(
        ["Config", config],
        ["RepoTags", repoTags ?? null],
        ["Layers", layers],
        ["LayerSources", sources.length > 0 ? jsonMap(Object.fromEntries(sources)) : undefined],
      );
    }),
  );
}
