import { runSuites } from "../../portable/runner.js";
import { hostSuites } from "../host-suites.js";

declare const Bun: { readonly version: string };

console.log(JSON.stringify(await runSuites("bun", Bun.version, hostSuites)));
