import { describe, expect, it } from "vitest";
import {
  Digest,
  defaultTag,
  type NameOptions,
  newDigest,
  newTag,
  parseReference,
  Reference,
  Tag,
} from "../../src/name/index.js";
import { HashError } from "../../src/v1/hash.js";
import { refusal } from "./refusal.js";

const DIGEST = `sha256:${"deadb33f".repeat(8)}`;
const DIGEST_512 = `sha512:${"deadb33f".repeat(16)}`;

describe("newTag", () => {
  it.each([
    ["ubuntu", "index.docker.io", "library/ubuntu", "latest"],
    ["ubuntu:22.04", "index.docker.io", "library/ubuntu", "22.04"],
    ["docker.io/ubuntu:x", "index.docker.io", "library/ubuntu", "x"],
    ["gcr.io/project-id/implicit-latest", "gcr.io", "project-id/implicit-latest", "latest"],
    ["us.gcr.io/p/image:with.period.in.tag", "us.gcr.io", "p/image", "with.period.in.tag"],
    ["gcr.io/p/image:w1th-alpha_num3ric.PLUScaps", "gcr.io", "p/image", "w1th-alpha_num3ric.PLUScaps"],
    ["gcr.io/p/image:-.first", "gcr.io", "p/image", "-.first"],
    ["www.example.test:12345/repo/path", "www.example.test:12345", "repo/path", "latest"],
    ["domain.with.port:9001/image:v1", "domain.with.port:9001", "image", "v1"],
    ["localhost:5000", "index.docker.io", "library/localhost", "5000"],
    ["localhost:5000/image", "localhost:5000", "image", "latest"],
    ["[::1]:5000/image:v1", "[::1]:5000", "image", "v1"],
    ["[::1]/image", "[::1]", "image", "latest"],
  ])("acceptance 75: reads %s as %s, %s, %s", (text, registry, repository, tag) => {
    const reference = newTag(text);
    expect(reference.registryStr()).toBe(registry);
    expect(reference.repositoryStr()).toBe(repository);
    expect(reference.tagStr()).toBe(tag);
    expect(reference.identifier()).toBe(tag);
    expect(reference.context().name()).toBe(`${registry}/${repository}`);
    expect(reference.name()).toBe(`${registry}/${repository}:${tag}`);
    expect(String(reference)).toBe(text);
    expect(JSON.stringify([reference])).toBe(JSON.stringify([text]));
  });

  it("acceptance 75: fills in the default tag, which can be another", () => {
    expect(defaultTag).toBe("latest");
    expect(newTag("gcr.io/a", { defaultTag: "stable" }).name()).toBe("gcr.io/a:stable");
    expect(newTag("gcr.io/a:v1", { defaultTag: "stable" }).name()).toBe("gcr.io/a:v1");
    expect(refusal(() => newTag("gcr.io/a", { defaultTag: "no/tag" })).part).toBe("tag");
    expect(refusal(() => newTag("gcr.io/a", { defaultTag: "" })).part).toBe("tag");
  });

  it.each([
    ["the tag", "gcr.io/project/image", "tag"],
    ["the registry", "project/image:v1", "registry"],
    ["the namespace", "docker.io/ubuntu:v1", "repository"],
  ])("acceptance 75: a strict reference gives %s, whatever the defaults", (_what, text, part) => {
    const options = { strict: true, defaultTag: "stable", defaultRegistry: "gcr.io" };
    expect(refusal(() => newTag(text, options)).part).toBe(part);
    expect(newTag(text).identifier()).not.toBe("");
  });

  it.each(["gcr.io/g-convoy/hello-world:latest", "domain.with.port:9001/image:latest", "localhost/a:b"])(
    "acceptance 75: %s is strict enough, and its own full name",
    (text) => {
      expect(newTag(text, { strict: true }).name()).toBe(text);
    },
  );

  it.each(["ubuntu:", "gcr.io/image:", "localhost:5000/image:"])(
    "acceptance 75: refuses the empty tag of %s, and says how long one may be",
    (text) => {
      const error = refusal(() => newTag(text));
      expect(error.part).toBe("tag");
      expect(error.message).toContain("has 0 characters; from 1 to 128 are allowed");
    },
  );

  it("takes a tag of 128 characters, and no longer one", () => {
    expect(newTag(`gcr.io/a:${"x".repeat(128)}`).tagStr()).toHaveLength(128);
    expect(refusal(() => newTag(`gcr.io/a:${"x".repeat(129)}`)).message).toContain("has 129 characters");
  });

  it.each([
    ["gcr.io/a:white space", '" "'],
    ["gcr.io/a:c@n'tuse", '"@"'],
    ["gcr.io/a:v1?x", '"?"'],
    ["gcr.io/a:v1#x", '"#"'],
    ["gcr.io/a:v1%2f", '"%"'],
    ["gcr.io/a:v1+build", '"+"'],
    ["gcr.io/a:v1\n", '"\\u000a"'],
    ["gcr.io/a:\u00e9", '"\\u00e9"'],
  ])(
    "acceptance 75: refuses the tag of %j, and names the character and what is allowed",
    (text, character) => {
      const error = refusal(() => newTag(text));
      expect(error.part).toBe("tag");
      expect(error.message).toContain(`has the character ${character}; allowed are A-Z a-z 0-9 _ - .`);
    },
  );

  it.each(["gcr.io/a:.", "gcr.io/a:.."])("refuses %s, whose tag a URL would resolve away", (text) => {
    expect(refusal(() => newTag(text)).message).toContain("a URL would resolve away");
  });

  it("takes a slash after the last colon for a path, whose colon is then one too many", () => {
    const error = refusal(() => newTag("gcr.io/a:feature/x"));
    expect(error.part).toBe("repository");
    expect(error.message).toContain('repository "a:feature/x" has the character ":"');
  });
});

describe("newDigest", () => {
  it.each([
    [`ubuntu@${DIGEST}`, `index.docker.io/library/ubuntu@${DIGEST}`],
    [`gcr.io/p/image@${DIGEST}`, `gcr.io/p/image@${DIGEST}`],
    [`localhost:5000/image@${DIGEST}`, `localhost:5000/image@${DIGEST}`],
    [`gcr.io/p/image@${DIGEST_512}`, `gcr.io/p/image@${DIGEST_512}`],
  ])("acceptance 75: reads %s", (text, name) => {
    const reference = newDigest(text);
    const digest = text.slice(text.indexOf("@") + 1);
    expect(reference.digestStr()).toBe(digest);
    expect(reference.identifier()).toBe(digest);
    expect(reference.digest().toString()).toBe(digest);
    expect(reference.name()).toBe(name);
    expect(String(reference)).toBe(text);
    expect(JSON.stringify([reference])).toBe(JSON.stringify([text]));
  });

  it.each([
    [`nginx:latest@${DIGEST}`, `index.docker.io/library/nginx@${DIGEST}`],
    [`example.text:8443/foo/bar:v1.0.0-alpine@${DIGEST}`, `example.text:8443/foo/bar@${DIGEST}`],
  ])("acceptance 75: drops the tag of %s from its name, and keeps it in its text", (text, name) => {
    expect(newDigest(text).name()).toBe(name);
    expect(String(newDigest(text))).toBe(text);
  });

  it.each([`nginx:@${DIGEST}`, `nginx:b!d@${DIGEST}`, `nginx:${"x".repeat(129)}@${DIGEST}`])(
    "acceptance 75: checks the tag of %s though it is dropped",
    (text) => {
      expect(refusal(() => newDigest(text)).part).toBe("tag");
    },
  );

  it("acceptance 75: a strict reference by digest gives registry and namespace, and needs no tag", () => {
    const strict: NameOptions = { strict: true };
    expect(newDigest(`gcr.io/a@${DIGEST}`, strict).name()).toBe(`gcr.io/a@${DIGEST}`);
    expect(newDigest(`gcr.io/a:v1@${DIGEST}`, strict).name()).toBe(`gcr.io/a@${DIGEST}`);
    expect(refusal(() => newDigest(`library/ubuntu@${DIGEST}`, strict)).part).toBe("registry");
    expect(refusal(() => newDigest(`docker.io/ubuntu@${DIGEST}`, strict)).part).toBe("repository");
  });

  it.each([
    ["no", "gcr.io/a", 0],
    ["two", `gcr.io/a@${DIGEST}@${DIGEST}`, 2],
  ])("acceptance 75: refuses %s at signs, and counts them", (_what, text, count) => {
    const error = refusal(() => newDigest(text));
    expect(error.part).toBe("digest");
    expect(error.message).toContain(`has ${count} "@"; a reference by digest has exactly one`);
  });

  it.each([
    ["gcr.io/a@", "cannot parse hash"],
    ["gcr.io/a@deadbeef", "cannot parse hash"],
    ["gcr.io/a@unknown:abc123", 'unsupported hash algorithm "unknown"'],
    ["gcr.io/a@sha256:d34db33fd34db33f", "wrong number of hex digits"],
    [`gcr.io/a@${DIGEST.toUpperCase()}`, "non-hex character"],
    [`gcr.io/a@${DIGEST}\n`, "non-hex character"],
  ])("acceptance 75: refuses the digest of %j, and keeps the reason", (text, reason) => {
    const error = refusal(() => newDigest(text));
    expect(error.part).toBe("digest");
    expect(error.message).toContain(`bad digest: `);
    expect(error.message).toContain(reason);
    expect(error.cause).toBeInstanceOf(HashError);
  });

  it("refuses a digest of nothing", () => {
    expect(refusal(() => newDigest(`@${DIGEST}`)).part).toBe("repository");
  });
});

describe("parseReference", () => {
  it("acceptance 75: reads a tag, a digest, and for a text with both the digest", () => {
    expect(parseReference("gcr.io/a:v1")).toEqual(newTag("gcr.io/a:v1"));
    expect(parseReference("gcr.io/a")).toBeInstanceOf(Tag);
    expect(parseReference(`gcr.io/a@${DIGEST}`)).toEqual(newDigest(`gcr.io/a@${DIGEST}`));
    expect(parseReference(`gcr.io/a:v1@${DIGEST}`)).toBeInstanceOf(Digest);
    expect(parseReference("gcr.io/a")).toBeInstanceOf(Reference);
  });

  it("hands its options on to both", () => {
    const options = { insecure: true, defaultRegistry: "quay.io", defaultTag: "stable" };
    expect(parseReference("a/b", options).name()).toBe("quay.io/a/b:stable");
    expect(parseReference(`a/b@${DIGEST}`, options).name()).toBe(`quay.io/a/b@${DIGEST}`);
    expect(parseReference(`a/b@${DIGEST}`, options).scheme()).toBe("http");
    expect(refusal(() => parseReference("a/b", { ...options, strict: true })).part).toBe("tag");
    expect(refusal(() => parseReference(`a/b@${DIGEST}`, { ...options, strict: true })).part).toBe(
      "registry",
    );
  });

  it("gives tag and digest the scopes of their repository", () => {
    expect(parseReference("gcr.io/p/a:v1").scope("pull")).toBe("repository:p/a:pull");
    expect(parseReference(`ubuntu@${DIGEST}`).scope("push,pull")).toBe("repository:library/ubuntu:push,pull");
  });

  it("says which part of a bad reference is bad", () => {
    expect(refusal(() => parseReference("")).part).toBe("repository");
    expect(refusal(() => parseReference("gcr.io/a:b c")).part).toBe("tag");
    expect(refusal(() => parseReference("gcr.io/a@b")).part).toBe("digest");
    expect(refusal(() => parseReference("a b.io/c")).part).toBe("registry");
    expect(refusal(() => parseReference("https://gcr.io/a:b")).message).toContain("the URL scheme");
  });
});
