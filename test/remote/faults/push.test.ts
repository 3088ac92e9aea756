import { strike } from "./harness/grid.js";
import { PUSH_FLOWS } from "./harness/push-flows.js";

await strike(PUSH_FLOWS);
