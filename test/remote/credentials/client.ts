import { fetchOf } from "../../../src/registry/index.js";
import type { RemoteOptions } from "../../../src/remote/index.js";
import * as remote from "../../../src/remote/index.js";
import { flows, prepare, type Tools } from "./flows.js";
import type { Kind } from "./kinds.js";
import { unmistakable } from "./secrets.js";
import { type Detour, type Scheme, World } from "./world.js";

/** What came of the flows. */
export interface Run {
  readonly world: World;
  /** The names of the flows that failed, and with what. */
  readonly failures: readonly (readonly [name: string, failure: unknown])[];
}

/** Runs every flow against a world of its own, one after the other, with one kind of credentials. */
export async function runFlows(
  detour: Detour,
  kind: Kind,
  scheme: Scheme,
  more: RemoteOptions = {},
  used: Tools["remote"] = remote,
): Promise<Run> {
  const world = new World(scheme, unmistakable("password"));
  await prepare(remote, fetchOf(world.open.fetch));
  world.detour = detour;
  const options = {
    ...(await kind.options(world)),
    fetch: world.fetch,
    retryBackoff: { attempts: 2, delay: 0 },
    ...more,
  };
  const failures: [string, unknown][] = [];
  for (const flow of flows) {
    await flow
      .run({ remote: used, options })
      .catch((failure: unknown) => failures.push([flow.name, failure]));
  }
  await world[Symbol.asyncDispose]();
  return { world, failures };
}
