/** Has crane carry images between registries and layouts in all directions, and compares digests at each stop. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../runtime/process.mjs";
import { makeImage, makeIndex, verified } from "./layout.mjs";
import { user } from "./registries.mjs";

/**
 * @typedef {{ name: string, host: string, isOurs: boolean, needsLogin: boolean, output: () => string }} Place a registry
 * @typedef {{ name: string, error?: unknown }} Check something that was tried; it failed if there is an error
 */

/**
 * @param {string} program
 * @param {readonly Place[]} places
 * @param {string} scratch a directory for layouts and for crane's own files
 * @param {AbortSignal} signal
 * @returns {Promise<Check[]>}
 */
export async function carry(program, places, scratch, signal) {
  const env = { DOCKER_CONFIG: join(scratch, "docker"), HOME: scratch };
  /** @param {string[]} args */
  const crane = (...args) => run(program, args, { env, signal });
  /** @param {string} reference */
  const digestOf = async (reference) => (await crane("digest", reference)).trim();

  /** @type {Check[]} */
  const checks = [];
  /**
   * @param {string} name
   * @param {() => Promise<void>} attempt
   */
  const check = async (name, attempt) => {
    try {
      await attempt();
      checks.push({ name });
    } catch (error) {
      checks.push({ name, error });
    }
  };

  for (const { name, host } of places.filter(({ needsLogin }) => needsLogin)) {
    await check(`${name}: crane is refused before it logs in, and with a wrong password`, async () => {
      await refused(crane("catalog", host));
      await crane("auth", "login", host, "-u", user.name, "-p", "wrong");
      await refused(crane("catalog", host));
      await crane("auth", "login", host, "-u", user.name, "-p", user.password);
      equal(await crane("catalog", host), "");
    });
  }

  for (const [kind, make] of /** @type {const} */ ([
    ["image", makeImage],
    ["index", makeIndex],
  ])) {
    const made = join(scratch, `${kind}-made`);
    const digest = await make(made);
    for (const from of places) {
      const source = `${from.host}/carried/${kind}:from-layout`;
      const pulled = join(scratch, `${kind}-${places.indexOf(from)}`);
      await check(`${kind}: layout to ${from.name}`, async () => {
        await crane("push", made, source);
        equal(await digestOf(source), digest);
        await crane("validate", "--remote", source);
      });
      await check(`${kind}: ${from.name} to layout`, async () => {
        await crane("pull", "--format", "oci", source, pulled);
        equal(verified(pulled).join(), digest);
      });
      for (const to of places) {
        const name = `${kind}: ${from.name} to ${to === from ? "another repository of it" : to.name}`;
        const target = `${to.host}/carried/${kind}-from-${places.indexOf(from)}:copied`;
        await check(name, async () => {
          await crane("copy", source, target);
          equal(await digestOf(target), digest);
          await crane("validate", "--remote", target);
        });
        await check(`${name}, by way of the layout that was pulled`, async () => {
          const pushed = `${to.host}/carried/${kind}-by-layout-${places.indexOf(from)}:pushed`;
          await crane("push", pulled, pushed);
          equal(await digestOf(pushed), digest);
        });
      }
    }
  }

  for (const place of places.filter(({ isOurs }) => isOurs)) {
    const { name, host, output } = place;
    const repository = `${host}/carried/image`;
    await check(`${name}: copying within it mounts the layers`, async () => {
      const before = mounts(output());
      await crane("copy", `${repository}:from-layout`, `${host}/mounted/image:t`);
      equal(mounts(output()) - before, 4);
    });
    await check(`${name}: ls, tag, catalog, manifest, config, blob`, async () => {
      await crane("tag", `${repository}:from-layout`, "second");
      equal(await crane("ls", repository), "from-layout\nsecond\n");
      equal((await crane("catalog", host)).split("\n").includes("carried/image"), true);
      const manifest = JSON.parse(await crane("manifest", `${repository}:second`));
      equal(JSON.parse(await crane("config", `${repository}:second`)).architecture, "amd64");
      const blob = await crane("blob", `${repository}@${manifest.config.digest}`);
      const made = join(scratch, "image-made/blobs/sha256", manifest.config.digest.slice(7));
      equal(blob, readFileSync(made, "utf8"));
    });
    await check(`${name}: a layer that crane streams becomes part of an image`, async () => {
      const manifest = JSON.parse(await crane("manifest", `${repository}:from-layout`));
      const layer = join(scratch, "image-made/blobs/sha256", manifest.layers[1].digest.slice(7));
      const target = `${host}/appended:t`;
      await crane("append", "--base", `${repository}:from-layout`, "--new_layer", layer, "--new_tag", target);
      await crane("validate", "--remote", target);
      equal(JSON.parse(await crane("manifest", target)).layers.length, 4);
    });
    await check(`${name}: delete takes the tag, then the image with its other tags`, async () => {
      const digest = await digestOf(`${repository}:second`);
      await crane("delete", `${repository}:second`);
      equal(await crane("ls", repository), "from-layout\n");
      await crane("delete", `${repository}@${digest}`);
      equal(await crane("ls", repository), "");
      await refused(crane("digest", `${repository}@${digest}`));
    });
  }
  return checks;
}

/** How many blobs a registry has mounted, by the lines that it printed. @param {string} output */
function mounts(output) {
  return [...output.matchAll(/^201 POST \S+\/blobs\/uploads\/ /gm)].length;
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 */
function equal(actual, expected) {
  if (actual !== expected)
    throw new Error(`expected ${JSON.stringify(expected)}, not ${JSON.stringify(actual)}`);
}

/** @param {Promise<string>} attempt */
async function refused(attempt) {
  const outcome = await attempt.then(
    (printed) => ({ printed }),
    () => undefined,
  );
  if (outcome !== undefined)
    throw new Error(`crane should have failed, and printed ${JSON.stringify(outcome.printed)}`);
}
