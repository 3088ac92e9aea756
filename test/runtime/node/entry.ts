import { runSuites } from "../../portable/runner.js";
import { hostSuites } from "../host-suites.js";

console.log(JSON.stringify(await runSuites("node", process.version.slice(1), hostSuites)));
