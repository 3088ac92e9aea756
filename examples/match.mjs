import { name, platforms } from "varve/match";
import { emptyHash, ociManifestSchema1, parsePlatform } from "varve/v1";

const child = (text, tag) => ({
  mediaType: ociManifestSchema1,
  size: 0,
  digest: emptyHash,
  platform: parsePlatform(text),
  annotations: { "org.opencontainers.image.ref.name": tag },
});
const children = [child("linux/amd64", "v1"), child("linux/arm64/v8", "v1"), child("linux/amd64", "v2")];

console.log(children.filter(platforms(parsePlatform("linux/amd64"))).length);
console.log(children.filter(name("v1")).length);
