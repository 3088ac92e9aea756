import { encodeConfigFile, newHash, parseManifest, parsePlatform, platformSatisfies } from "varve/v1";

const config = {
  architecture: "arm64",
  os: "linux",
  rootfs: { type: "layers", diffIDs: [] },
  config: { cmd: ["/run"] },
};
console.log(new TextDecoder().decode(encodeConfigFile(config)));

console.log(platformSatisfies(parsePlatform("linux/arm64/v8"), parsePlatform("linux/arm64")));
console.log(newHash(`sha256:${"0".repeat(64)}`).algorithm);
try {
  parseManifest(new TextEncoder().encode('{"config":{"size":-1}}'));
} catch ({ code, message }) {
  console.log(code, message);
}
