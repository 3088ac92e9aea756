import type { Suite } from "../portable/runner.js";
import { portableSuites } from "../portable/suites.js";
import { workersTakePart } from "../portable/threads.js";
import { installedPackage } from "./installed-package.js";
import { nativeHashes } from "./native-hashes.js";
import { networkPush } from "./network-push.js";
import { nodeStreams } from "./node-streams.js";
import { ownWorkers } from "./own-workers.js";

/** What must hold on the runtimes that have files, sockets, packages and Node's streams. */
export const hostSuites: readonly Suite[] = [
  ...portableSuites,
  workersTakePart,
  ownWorkers,
  nativeHashes,
  nodeStreams,
  networkPush,
  installedPackage,
];
