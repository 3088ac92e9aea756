import { authn, name, remote, stream, v1 } from "varve";
import * as authnEntry from "varve/authn";
import * as nameEntry from "varve/name";
import * as remoteEntry from "varve/remote";
import * as streamEntry from "varve/stream";
import * as v1Entry from "varve/v1";
import { equal } from "./assert.js";
import type { Suite } from "./runner.js";

/** `import ... from "varve"` gives the same things as the packages' own entries, not second copies of them. */
export const mainEntry: Suite = (test) => {
  test("the main entry gives the packages as namespaces", () => {
    equal(authn.anonymous, authnEntry.anonymous);
    equal(name.newRepository, nameEntry.newRepository);
    equal(remote.writeLayer, remoteEntry.writeLayer);
    equal(stream.newLayer, streamEntry.newLayer);
    equal(v1.newHash, v1Entry.newHash);
  });
};
