import { runSuites } from "../../portable/runner.js";
import { oneThreadOnly, threads } from "../../portable/threads.js";
import { handIn } from "./hand-in.js";

/** A page whose Content-Security-Policy forbids workers. */
handIn(runSuites("chromium", "", [threads, oneThreadOnly]));
