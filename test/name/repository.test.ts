import { describe, expect, it } from "vitest";
import { Digest, newRegistry, newRepository, Repository, Tag } from "../../src/name/index.js";
import { newHash } from "../../src/v1/hash.js";
import { refusal } from "./refusal.js";

const DIGEST = `sha256:${"deadb33f".repeat(8)}`;

describe("newRepository", () => {
  it.each([
    ["ubuntu", "index.docker.io", "library/ubuntu"],
    ["a", "index.docker.io", "library/a"],
    ["docker.io/ubuntu", "index.docker.io", "library/ubuntu"],
    ["index.docker.io/ubuntu", "index.docker.io", "library/ubuntu"],
    ["library/ubuntu", "index.docker.io", "library/ubuntu"],
    ["namespace/pathcomponent/image", "index.docker.io", "namespace/pathcomponent/image"],
    ["mirror.gcr.io/ubuntu", "mirror.gcr.io", "ubuntu"],
    ["gcr.io/google.com/project-id/hello-world", "gcr.io", "google.com/project-id/hello-world"],
    ["domain:9001/image", "domain:9001", "image"],
    ["localhost:5000/stream", "localhost:5000", "stream"],
    ["localhost/testimage", "localhost", "testimage"],
    ["::1/image", "[::1]", "image"],
    ["[::1]:5000/a/b", "[::1]:5000", "a/b"],
  ])("acceptance 75: reads %s as registry %s and repository %s", (name, registry, path) => {
    const repository = newRepository(name);
    expect(repository.registryStr()).toBe(registry);
    expect(repository.registry.name()).toBe(registry);
    expect(repository.repositoryStr()).toBe(path);
    expect(repository.name()).toBe(`${registry}/${path}`);
    expect(String(repository)).toBe(`${registry}/${path}`);
    expect(JSON.stringify([repository])).toBe(`["${registry}/${path}"]`);
  });

  it.each([
    ["a first component without dot or colon", "localhosts/image", "localhosts/image"],
    ["localhost without a second component", "localhost", "library/localhost"],
    ["a dotted name without a second component", "gcr.io", "library/gcr.io"],
  ])("acceptance 75: takes %s for a part of the path", (_what, name, path) => {
    expect(newRepository(name).registryStr()).toBe("index.docker.io");
    expect(newRepository(name).repositoryStr()).toBe(path);
  });

  it("acceptance 75: puts a name without a registry into the default one, with library/ on Docker Hub only", () => {
    expect(newRepository("ubuntu", { defaultRegistry: "gcr.io" }).name()).toBe("gcr.io/ubuntu");
    expect(newRepository("ubuntu", { defaultRegistry: "docker.io" }).name()).toBe(
      "index.docker.io/library/ubuntu",
    );
    expect(newRepository("quay.io/ubuntu", { defaultRegistry: "gcr.io" }).name()).toBe("quay.io/ubuntu");
  });

  it.each([
    ["the registry", "ubuntu", "registry"],
    ["the registry of a path", "library/ubuntu", "registry"],
    ["the namespace", "index.docker.io/ubuntu", "repository"],
    ["the namespace of an alias", "docker.io/ubuntu", "repository"],
  ])("acceptance 75: a strict name gives %s", (_what, name, part) => {
    const error = refusal(() => newRepository(name, { strict: true }));
    expect(error.part).toBe(part);
    expect(error.message).toContain("is missing: strict names give it explicitly");
    expect(newRepository(name).name()).toContain("ubuntu");
  });

  it.each([
    "gcr.io/g-convoy/hello-world",
    "example.com/a",
    "localhost/testimage",
    "index.docker.io/library/ubuntu",
  ])("acceptance 75: %s is strict enough, and its own full name", (name) => {
    expect(newRepository(name, { strict: true }).name()).toBe(name);
  });

  it("refuses an empty name, and says what one looks like", () => {
    expect(refusal(() => newRepository("")).message).toContain("give a name such as gcr.io/project/image");
  });

  it.each([
    ["an upper-case letter", "gcr.io/Foo", '"F"'],
    ["an upper-case LOCALHOST, which is no registry", "LOCALHOST/foo", '"L"'],
    ["a space", "white space", '" "'],
    ["a colon", "localhost:5000", '":"'],
    ["an at sign", "b@char/image", '"@"'],
    ["a question mark", "gcr.io/foo?x=y", '"?"'],
    ["a fragment", "gcr.io/foo#x", '"#"'],
    ["a percent sign", "gcr.io/foo%2f..", '"%"'],
    ["a backslash", "gcr.io/foo\\bar", '"\\\\"'],
    ["a line break at the end", "gcr.io/foo\n", '"\\u000a"'],
    ["a letter that is not ASCII", "gcr.io/\u00e9", '"\\u00e9"'],
  ])("acceptance 75: refuses %s, and names the character and what is allowed", (_what, name, character) => {
    const error = refusal(() => newRepository(name));
    expect(error.part).toBe("repository");
    expect(error.message).toContain(`has the character ${character}; allowed are a-z 0-9 _ - . /`);
  });

  it.each([
    [0, ""],
    [256, "a".repeat(256)],
    [300, "b/".repeat(150)],
  ])("refuses a path of %i characters, and names the limits", (length, path) => {
    const error = refusal(() => newRepository(`gcr.io/${path}`));
    expect(error.part).toBe("repository");
    expect(error.message).toContain(`has ${length} characters; from 1 to 255 are allowed`);
  });

  it("takes a path of 1 and of 255 characters", () => {
    expect(newRepository("gcr.io/a").repositoryStr()).toBe("a");
    expect(newRepository(`gcr.io/${"a".repeat(255)}`).repositoryStr()).toHaveLength(255);
  });

  it.each(["gcr.io/..", "gcr.io/.", "gcr.io/a/../b", "gcr.io/a/./b", "gcr.io/a/.."])(
    "refuses %s, which a URL would turn into another path",
    (name) => {
      expect(refusal(() => newRepository(name)).message).toContain("a URL would resolve away");
    },
  );

  it.each(["gcr.io/a//b", "gcr.io/a/", "gcr.io/-a", "gcr.io/...", "gcr.io/.a/b.", "gcr.io/_"])(
    "leaves the structure of %s for the registry to judge",
    (name) => {
      expect(newRepository(name).name()).toBe(name);
    },
  );

  it("refuses a registry part that is not an authority", () => {
    expect(refusal(() => newRepository("user@evil.example/foo")).part).toBe("registry");
    expect(refusal(() => newRepository("gcr.io:/foo")).part).toBe("registry");
    expect(refusal(() => newRepository("https://gcr.io/foo")).message).toContain("leave the URL scheme out");
  });
});

describe("Repository", () => {
  const repository = newRepository("gcr.io/project-id/image");

  it("has a scope for each action", () => {
    expect(repository.scope("pull")).toBe("repository:project-id/image:pull");
    expect(repository.scope("push,pull")).toBe("repository:project-id/image:push,pull");
    expect(newRepository("ubuntu").scope("pull")).toBe("repository:library/ubuntu:pull");
  });

  it("refers to its tags", () => {
    const tag = repository.tag("v1");
    expect(tag).toBeInstanceOf(Tag);
    expect(tag.context()).toBe(repository);
    expect(String(tag)).toBe("gcr.io/project-id/image:v1");
    expect(refusal(() => repository.tag("a/b")).part).toBe("tag");
    expect(refusal(() => repository.tag("")).part).toBe("tag");
  });

  it("refers to its digests, by text or by hash", () => {
    for (const identifier of [DIGEST, newHash(DIGEST)]) {
      const digest = repository.digest(identifier);
      expect(digest).toBeInstanceOf(Digest);
      expect(digest.context()).toBe(repository);
      expect(String(digest)).toBe(`gcr.io/project-id/image@${DIGEST}`);
    }
    expect(refusal(() => repository.digest("badf00d")).part).toBe("digest");
  });

  it("is made of a registry and a path, which its constructor checks", () => {
    const hub = newRegistry("");
    expect(new Repository(hub, "ubuntu").name()).toBe("index.docker.io/library/ubuntu");
    expect(refusal(() => new Repository(hub, "Ubuntu")).part).toBe("repository");
    expect(refusal(() => new Repository(hub, "../x")).part).toBe("repository");
  });
});
