/**
 * What some bytes are, as `type/subtype` (RFC 6838). Any string may stand where one is expected, because
 * artifacts bring types of their own; the constants below are those that images are made of.
 */
export type MediaType = string;

interface Row {
  readonly mediaType: MediaType;
  readonly kind: "descriptor" | "index" | "image" | "schema1" | "config" | "plugin" | "layer";
  /**
   * Given for layers whose bytes must stay with their first publisher (OCI image-spec, layer.md,
   * "Non-Distributable Layers").
   */
  readonly restricted?: true;
}

/** Each media type stands here once; the constants and the predicates are both read from this table. */
const TABLE = {
  ociContentDescriptor: { kind: "descriptor", mediaType: "application/vnd.oci.descriptor.v1+json" },
  ociImageIndex: { kind: "index", mediaType: "application/vnd.oci.image.index.v1+json" },
  ociManifestSchema1: { kind: "image", mediaType: "application/vnd.oci.image.manifest.v1+json" },
  ociConfigJSON: { kind: "config", mediaType: "application/vnd.oci.image.config.v1+json" },
  ociLayer: { kind: "layer", mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" },
  ociLayerZStd: { kind: "layer", mediaType: "application/vnd.oci.image.layer.v1.tar+zstd" },
  ociRestrictedLayer: {
    kind: "layer",
    mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    restricted: true,
  },
  ociUncompressedLayer: { kind: "layer", mediaType: "application/vnd.oci.image.layer.v1.tar" },
  ociUncompressedRestrictedLayer: {
    kind: "layer",
    mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar",
    restricted: true,
  },
  dockerManifestSchema1: {
    kind: "schema1",
    mediaType: "application/vnd.docker.distribution.manifest.v1+json",
  },
  dockerManifestSchema1Signed: {
    kind: "schema1",
    mediaType: "application/vnd.docker.distribution.manifest.v1+prettyjws",
  },
  dockerManifestSchema2: { kind: "image", mediaType: "application/vnd.docker.distribution.manifest.v2+json" },
  dockerManifestList: {
    kind: "index",
    mediaType: "application/vnd.docker.distribution.manifest.list.v2+json",
  },
  dockerLayer: { kind: "layer", mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" },
  dockerConfigJSON: { kind: "config", mediaType: "application/vnd.docker.container.image.v1+json" },
  dockerPluginConfig: { kind: "plugin", mediaType: "application/vnd.docker.plugin.v1+json" },
  dockerForeignLayer: {
    kind: "layer",
    mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    restricted: true,
  },
  dockerUncompressedLayer: { kind: "layer", mediaType: "application/vnd.docker.image.rootfs.diff.tar" },
} as const satisfies Record<string, Row>;

const ROWS: ReadonlyMap<MediaType, Row> = new Map(Object.values(TABLE).map((row) => [row.mediaType, row]));

/** A content descriptor. */
export const ociContentDescriptor: MediaType = TABLE.ociContentDescriptor.mediaType;
/** An index: a list of images, one for each platform. */
export const ociImageIndex: MediaType = TABLE.ociImageIndex.mediaType;
/** An image manifest. */
export const ociManifestSchema1: MediaType = TABLE.ociManifestSchema1.mediaType;
/** An image's configuration. */
export const ociConfigJSON: MediaType = TABLE.ociConfigJSON.mediaType;
/** A layer: a tar, compressed with gzip. */
export const ociLayer: MediaType = TABLE.ociLayer.mediaType;
/** A layer: a tar, compressed with Zstandard. */
export const ociLayerZStd: MediaType = TABLE.ociLayerZStd.mediaType;
/** A layer that may not be distributed: a tar, compressed with gzip. */
export const ociRestrictedLayer: MediaType = TABLE.ociRestrictedLayer.mediaType;
/** A layer: a tar as it is. */
export const ociUncompressedLayer: MediaType = TABLE.ociUncompressedLayer.mediaType;
/** A layer that may not be distributed: a tar as it is. */
export const ociUncompressedRestrictedLayer: MediaType = TABLE.ociUncompressedRestrictedLayer.mediaType;
/** A manifest of Docker's first schema, unsigned. */
export const dockerManifestSchema1: MediaType = TABLE.dockerManifestSchema1.mediaType;
/** A manifest of Docker's first schema, signed. */
export const dockerManifestSchema1Signed: MediaType = TABLE.dockerManifestSchema1Signed.mediaType;
/** An image manifest of Docker's second schema. */
export const dockerManifestSchema2: MediaType = TABLE.dockerManifestSchema2.mediaType;
/** Docker's index: a list of manifests, one for each platform. */
export const dockerManifestList: MediaType = TABLE.dockerManifestList.mediaType;
/** A layer: a tar, compressed with gzip. */
export const dockerLayer: MediaType = TABLE.dockerLayer.mediaType;
/** An image's configuration. */
export const dockerConfigJSON: MediaType = TABLE.dockerConfigJSON.mediaType;
/** The configuration of a Docker plugin. */
export const dockerPluginConfig: MediaType = TABLE.dockerPluginConfig.mediaType;
/** A layer that is fetched from its publisher and not distributed: a tar, compressed with gzip. */
export const dockerForeignLayer: MediaType = TABLE.dockerForeignLayer.mediaType;
/** A layer: a tar as it is. */
export const dockerUncompressedLayer: MediaType = TABLE.dockerUncompressedLayer.mediaType;

/** Whether it is an image manifest: OCI's, or Docker's second schema. */
export function isImage(mediaType: MediaType): boolean {
  return ROWS.get(mediaType)?.kind === "image";
}

/** Whether it is an index: OCI's, or Docker's manifest list. */
export function isIndex(mediaType: MediaType): boolean {
  return ROWS.get(mediaType)?.kind === "index";
}

/** Whether it is an image's configuration. */
export function isConfig(mediaType: MediaType): boolean {
  return ROWS.get(mediaType)?.kind === "config";
}

/** Whether it is a layer, of any compression and distributable or not. */
export function isLayer(mediaType: MediaType): boolean {
  return ROWS.get(mediaType)?.kind === "layer";
}

/** Whether it is a manifest of Docker's first schema. */
export function isSchema1(mediaType: MediaType): boolean {
  return ROWS.get(mediaType)?.kind === "schema1";
}

/**
 * Whether a registry may be sent its bytes: true for everything, unknown types included, but foreign and
 * restricted layers.
 */
export function isDistributable(mediaType: MediaType): boolean {
  return ROWS.get(mediaType)?.restricted !== true;
}
