import { authn } from "./authn.js";
import { compressedSources } from "./compressed-sources.js";
import { core } from "./core.js";
import { demand } from "./demand.js";
import { golden } from "./golden.js";
import { inflate } from "./inflate.js";
import { layouts } from "./layouts.js";
import { lifeCycle } from "./life-cycle.js";
import { mainEntry } from "./main-entry.js";
import { mutating } from "./mutating.js";
import { naming } from "./naming.js";
import { partialImages } from "./partial-images.js";
import { producedTar } from "./produced-tar.js";
import { push } from "./push.js";
import { embeddedRegistry } from "./registry.js";
import { remote } from "./remote.js";
import { resumablePushes } from "./resumable.js";
import type { Suite } from "./runner.js";
import { saving } from "./saving.js";
import { sources } from "./sources.js";
import { spooling } from "./spooling.js";
import { tarballs } from "./tarballs.js";
import { threads } from "./threads.js";
import { zstandard } from "./zstd.js";

/** Everything that must hold on every runtime. `core` comes first: it also tests what holds before the core is loaded. */
export const portableSuites: readonly Suite[] = [
  core,
  golden,
  inflate,
  lifeCycle,
  producedTar,
  sources,
  demand,
  saving,
  threads,
  naming,
  authn,
  push,
  remote,
  resumablePushes,
  embeddedRegistry,
  zstandard,
  compressedSources,
  spooling,
  partialImages,
  tarballs,
  mutating,
  layouts,
  mainEntry,
];
