import { NameError, newRegistry, newRepository, parseReference } from "varve/name";
import {
  compressionByName,
  dockerLayer,
  HashError,
  isImage,
  isLayer,
  newHash,
  ociManifestSchema1,
} from "varve/v1";
import { equal, refuses } from "./assert.js";
import type { Suite } from "./runner.js";

/** Names, hashes and media types: text alone, but regular expressions and URLs differ between engines. */
export const naming: Suite = (test) => {
  test("a hash is parsed, compared and printed as it was", async () => {
    const text = `sha256:${"0123456789abcdef".repeat(4)}`;
    const hash = newHash(text);
    equal(String(hash), text);
    equal(JSON.stringify({ hash }), `{"hash":"${text}"}`);
    equal(hash.equals(newHash(text)), true);
    equal(hash.equals(newHash(text.replace("0", "1"))), false);
    for (const bad of [
      "",
      "sha256",
      "sha256:",
      `md5:${"0".repeat(32)}`,
      text.slice(1),
      text.toUpperCase(),
      `${text}\n`,
    ]) {
      await refuses(() => newHash(bad), HashError);
    }
  });

  test("media types and compressions are told apart", () => {
    equal(isLayer(dockerLayer), true);
    equal(isImage(ociManifestSchema1), true);
    equal(isImage(dockerLayer), false);
    equal(compressionByName("gzip").defaultMediaType, dockerLayer);
  });

  test("references are completed as Docker completes them", async () => {
    equal(parseReference("ubuntu").name(), "index.docker.io/library/ubuntu:latest");
    equal(String(newRepository("localhost:5000/stream")), "localhost:5000/stream");
    for (const bad of ["", "UPPER/case", "localhost:5000/stream@sha256:12", "example.com/a:b\n"]) {
      await refuses(() => parseReference(bad), NameError);
    }
  });

  test("plain HTTP is for registries on this machine and in private networks", () => {
    equal(newRegistry("localhost:5000").scheme(), "http");
    equal(newRegistry("127.0.0.1:5000").scheme(), "http");
    equal(newRegistry("registry.example.com").scheme(), "https");
  });
};
