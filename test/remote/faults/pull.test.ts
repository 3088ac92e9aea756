import { strike } from "./harness/grid.js";
import { PULL_FLOWS } from "./harness/pull-flows.js";

await strike(PULL_FLOWS);
