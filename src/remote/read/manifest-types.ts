import {
  dockerManifestList,
  dockerManifestSchema1,
  dockerManifestSchema1Signed,
  dockerManifestSchema2,
  type MediaType,
  ociImageIndex,
  ociManifestSchema1,
} from "../../v1/index.js";

/** Every kind of manifest there is, the usual ones first. */
export const ALL_MANIFESTS: readonly MediaType[] = [
  ociManifestSchema1,
  ociImageIndex,
  dockerManifestSchema2,
  dockerManifestList,
  dockerManifestSchema1Signed,
  dockerManifestSchema1,
];
