export type { ClientOptions } from "./auth/client.js";
export { RemoteOptionError } from "./option-error.js";
export type { ReferrersFilter, RemoteOptions } from "./options.js";
export { ManifestUnknownError } from "./read/manifest-unknown-error.js";
export { newPuller, Puller } from "./read/puller.js";
export {
  catalog,
  get,
  head,
  image,
  index,
  layer,
  list,
  type ReadRemoteOptions,
  referrers,
} from "./read/read.js";
export { RemoteDescriptor } from "./read/remote-descriptor.js";
export { PushStoreError, PushUnderWayError, ResumeError, type ResumeProblem } from "./resumable/errors.js";
export type { RestartEvent, ResumableOptions, ResumeEvent } from "./resumable/options.js";
export {
  mapPushStore,
  memoryPushStore,
  type PushMap,
  type PushMapValue,
  type PushStore,
} from "./resumable/push-store.js";
export { forgetPush, type SavedPush, savedPush } from "./resumable/saved-push.js";
export { OperationAbortedError } from "./transport/abort.js";
export { NetworkError } from "./transport/network-error.js";
export { ProtocolError, UnsafeLocationError } from "./transport/protocol-error.js";
export { type Diagnostic, RegistryError } from "./transport/registry-error.js";
export type { RetryBackoff, RetryOptions } from "./transport/retry.js";
export type { TransportOptions } from "./transport/transport.js";
export { LayerReadError } from "./upload/layer-read-error.js";
export type { UploadMode } from "./upload/mode.js";
export type { UploadOptions } from "./upload/options.js";
export type { UploadProgress, UploadProgressListener } from "./upload/progress.js";
export type { QuirkName, QuirkOptions, RegistryQuirks } from "./upload/quirks.js";
export { UploadLostError } from "./upload/upload-lost-error.js";
export { checkPushPermission, deleteManifest } from "./write/delete-manifest.js";
export type { MountableLayer } from "./write/mount-source.js";
export { newPusher, Pusher, type PushOptions } from "./write/pusher.js";
export type { Taggable } from "./write/taggable.js";
export { multiWrite, push, put, tag, write, writeIndex } from "./write/write.js";
export { writeLayer } from "./write/write-layer.js";
export type { WriteLayerOptions, WriteOptions } from "./write/write-options.js";
