import { describe, expect, it } from "vitest";
import { newTag } from "../../../src/name/index.js";
import { write } from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import { randomBytes } from "../../fixtures/bytes.js";
import { imageOf } from "../fixture/images.js";
import { HOST } from "./harness/bench.js";
import { CALAMITIES } from "./harness/calamities.js";
import type { Flow } from "./harness/flow.js";
import { objectionsWhateverComes } from "./harness/judge.js";
import { attempt } from "./harness/trial.js";

const CONTENTS = [1, 2, 3, 4].map((seed) => randomBytes(100_000, seed));

/** Four streams at a time, which are told apart by nothing: which of them a fault strikes is left to chance. */
const FLOW: Flow = {
  name: "a push of an image of four streams at a time",
  run: async (client, sources) => {
    const layers = CONTENTS.map((bytes) => newLayer(sources.chunks(bytes), { compression: "none" }));
    const image = imageOf(layers);
    return String((await write(newTag(`${HOST}/image:latest`), image, { ...client, jobs: 4 })).digest);
  },
};

const NAMES = [
  "503 without a code",
  "403 UNSUPPORTED",
  "401 with a challenge",
  "no Location",
  "the connection breaks in the middle of the body",
  "the connection is refused",
  "the answer is lost",
  "no answer, and the request is lost",
  "no answer, though the request was done",
  "another digest",
];

describe(FLOW.name, async () => {
  const clean = await attempt(FLOW);
  const steps = clean.steps.filter(
    ({ kind, nth }, index) => clean.steps.findIndex((each) => each.kind === kind) === index || nth === 3,
  );

  it.each(CALAMITIES.filter(({ name }) => NAMES.includes(name)))(
    "is given up as a whole, or done as a whole: $name",
    async (calamity) => {
      const objections: string[] = [];
      for (const step of steps.filter(({ kind }) => calamity.strikes(kind))) {
        // Credentials that end whenever they are renewed would end for the clean-up, too.
        for (const always of calamity.tells.status === 401 ? [false] : [false, true]) {
          objections.push(...(await objectionsWhateverComes(FLOW, clean, { step, calamity, always })));
        }
      }
      expect(objections).toEqual([]);
    },
  );
});
