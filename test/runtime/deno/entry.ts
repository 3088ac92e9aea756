import { runSuites } from "../../portable/runner.js";
import { hostSuites } from "../host-suites.js";

declare const Deno: { readonly version: { readonly deno: string } };

console.log(JSON.stringify(await runSuites("deno", Deno.version.deno, hostSuites)));
