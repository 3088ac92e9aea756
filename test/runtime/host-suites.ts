import type { Suite } from "../portable/runner.js";
import { portableSuites } from "../portable/suites.js";
import { installedPackage } from "./installed-package.js";
import { networkPush } from "./network-push.js";
import { nodeStreams } from "./node-streams.js";

/** What must hold on the runtimes that have files, sockets, packages and Node's streams. */
export const hostSuites: readonly Suite[] = [...portableSuites, nodeStreams, networkPush, installedPackage];
