/** OCI image layouts: makes one to begin with, and looks into those that others made. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import tar from "tar-stream";

/** @typedef {{ mediaType: string, digest: string, size: number, platform?: object }} Descriptor */

const IMAGE = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/**
 * Makes a layout of one image of several layers, one of which is larger than any buffer on its way.
 *
 * @param {string} directory
 * @returns {Promise<string>} the image's digest
 */
export async function makeImage(directory) {
  const layout = new Layout(directory);
  const contents = [noise(3_000_000, 1), Buffer.from("a small one"), noise(70_000, 2)];
  return layout.finish(layout.addImage("amd64", await Promise.all(contents.map(tarOf))));
}

/**
 * Makes a layout of one index of images for two platforms, which share a layer.
 *
 * @param {string} directory
 * @returns {Promise<string>} the index's digest
 */
export async function makeIndex(directory) {
  const layout = new Layout(directory);
  const shared = await tarOf(noise(500_000, 3));
  const manifests = [];
  for (const architecture of ["amd64", "arm64"]) {
    const image = layout.addImage(architecture, [shared, await tarOf(Buffer.from(architecture))]);
    manifests.push({ ...image, platform: { os: "linux", architecture } });
  }
  return layout.finish(layout.addJson(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests }));
}

/** A tar of one file. @param {Buffer} content */
function tarOf(content) {
  const pack = tar.pack();
  pack.entry({ name: "file", mtime: new Date(0) }, content);
  pack.finalize();
  return buffer(pack);
}

/**
 * The digests that a layout's index.json lists, once every file of the layout has the digest that it is named by.
 *
 * @param {string} directory
 * @returns {string[]}
 * @throws an error that names a file with another digest
 */
export function verified(directory) {
  const blobs = join(directory, "blobs/sha256");
  for (const name of readdirSync(blobs)) {
    const digest = sha256(readFileSync(join(blobs, name)));
    if (digest !== `sha256:${name}`) throw new Error(`${join(blobs, name)} has the digest ${digest}`);
  }
  /** @type {{ manifests: Descriptor[] }} */
  const { manifests } = JSON.parse(readFileSync(join(directory, "index.json"), "utf8"));
  return manifests.map(({ digest }) => digest);
}

class Layout {
  /** @param {string} directory */
  constructor(directory) {
    this.directory = directory;
    mkdirSync(join(directory, "blobs/sha256"), { recursive: true });
  }

  /**
   * @param {string} architecture
   * @param {readonly Uint8Array[]} contents of the layers
   */
  addImage(architecture, contents) {
    const layers = contents.map((content) =>
      this.add("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(content)),
    );
    const config = this.addJson("application/vnd.oci.image.config.v1+json", {
      os: "linux",
      architecture,
      config: {},
      rootfs: { type: "layers", diff_ids: contents.map(sha256) },
    });
    return this.addJson(IMAGE, { schemaVersion: 2, mediaType: IMAGE, config, layers });
  }

  /**
   * @param {string} mediaType
   * @param {object} value
   */
  addJson(mediaType, value) {
    return this.add(mediaType, Buffer.from(JSON.stringify(value)));
  }

  /**
   * @param {string} mediaType
   * @param {Uint8Array} bytes
   * @returns {Descriptor}
   */
  add(mediaType, bytes) {
    const digest = sha256(bytes);
    writeFileSync(join(this.directory, "blobs/sha256", digest.slice(7)), bytes);
    return { mediaType, digest, size: bytes.length };
  }

  /** @param {Descriptor} descriptor */
  finish(descriptor) {
    writeFileSync(join(this.directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    writeFileSync(
      join(this.directory, "index.json"),
      JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [descriptor] }),
    );
    return descriptor.digest;
  }
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/**
 * Bytes that do not compress, the same in every run.
 *
 * @param {number} length
 * @param {number} seed
 */
function noise(length, seed) {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}
