import {
  type ConfigFile,
  encodeConfigFile,
  encodeIndexManifest,
  encodeManifest,
  type IndexManifest,
  type Manifest,
  nameSet,
  newHash,
  parseConfigFile,
  parseIndexManifest,
  parseManifest,
} from "../../src/v1/index.js";

export function hash(digit: string): ReturnType<typeof newHash> {
  return newHash(`sha256:${digit.repeat(64)}`);
}

export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

const layer = {
  mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
  size: 33,
  digest: hash("b"),
  data: Uint8Array.of(0, 127, 128, 255),
  urls: ["https://example.com/blob"],
  annotations: { title: "a layer" },
  platform: {
    architecture: "arm64",
    os: "linux",
    osVersion: "1",
    osFeatures: ["f"],
    variant: "v8",
    features: ["sse4"],
  },
  artifactType: "application/x",
};

/** One document of each kind with every field that there is. */
export const manifest: Manifest = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: { mediaType: "application/vnd.oci.image.config.v1+json", size: 2, digest: hash("a") },
  layers: [layer, { mediaType: "m", size: 0, digest: newHash(`sha512:${"c".repeat(128)}`) }],
  annotations: { key: "value" },
  subject: layer,
  artifactType: "application/y",
};

export const index: IndexManifest = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.index.v1+json",
  manifests: [layer],
  annotations: { key: "value" },
  subject: layer,
  artifactType: "application/z",
};

export const config: ConfigFile = {
  architecture: "amd64",
  author: "me",
  container: "c0",
  created: "2021-12-31T23:59:59.5+02:00",
  dockerVersion: "20.10",
  history: [
    { author: "me", created: "2021-12-31T23:59:59Z", createdBy: "RUN x", comment: "c", emptyLayer: true },
    {},
  ],
  os: "linux",
  rootfs: { type: "layers", diffIDs: [hash("d"), hash("e")] },
  config: {
    attachStderr: true,
    attachStdin: true,
    attachStdout: true,
    cmd: ["a"],
    healthcheck: { test: ["NONE"], interval: 1, timeout: 2, startPeriod: 3, retries: 4 },
    domainname: "d",
    entrypoint: ["e"],
    env: ["A=b"],
    hostname: "h",
    image: "i",
    labels: { l: "m" },
    onBuild: ["RUN y"],
    openStdin: true,
    stdinOnce: true,
    tty: true,
    user: "0",
    volumes: nameSet(["/v"]),
    workingDir: "/w",
    exposedPorts: nameSet(["80/tcp"]),
    argsEscaped: true,
    networkDisabled: true,
    macAddress: "02:42",
    stopSignal: "SIGTERM",
    shell: ["sh"],
  },
  osVersion: "10",
  variant: "v8",
  osFeatures: ["f"],
};

/** How each kind is read and written. */
export const kinds = [
  { kind: "manifest", parse: parseManifest, bytes: encodeManifest(manifest), value: manifest },
  { kind: "index", parse: parseIndexManifest, bytes: encodeIndexManifest(index), value: index },
  { kind: "configuration", parse: parseConfigFile, bytes: encodeConfigFile(config), value: config },
] as const;
