import { runSuites } from "../../portable/runner.js";
import { portableSuites } from "../../portable/suites.js";
import { handIn } from "./hand-in.js";

handIn(runSuites("chromium", "", portableSuites));
