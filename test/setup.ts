import fc from "fast-check";

/** The same cases in every run, so that a run can be repeated; VARVE_TEST_SEED looks at others. */
fc.configureGlobal({ seed: Number(process.env.VARVE_TEST_SEED ?? 1) });
