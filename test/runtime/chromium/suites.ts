import { runSuites } from "../../portable/runner.js";
import { portableSuites } from "../../portable/suites.js";
import { workersTakePart } from "../../portable/threads.js";
import { handIn } from "./hand-in.js";

handIn(runSuites("chromium", "", [...portableSuites, workersTakePart]));
