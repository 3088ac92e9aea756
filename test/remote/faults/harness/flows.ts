import type { Flow } from "./flow.js";
import { PULL_FLOWS } from "./pull-flows.js";
import { PUSH_FLOWS } from "./push-flows.js";

export const FLOWS: readonly Flow[] = [...PUSH_FLOWS, ...PULL_FLOWS];
