import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type BlobUpload, newRegistry, type Registry, type Storage } from "../../src/registry/index.js";
import { digestOf, expectBody, expectError, noise, openUpload, send, streamOf } from "./exchange.js";
import { type OpenStore, stores } from "./stores.js";

/** A body whose chunks are pushed by hand, and that tells when it is asked for more. */
function handFed(): {
  readonly body: ReadableStream<Uint8Array>;
  readonly asked: () => Promise<void>;
  readonly give: (chunk: Uint8Array) => void;
  readonly end: () => void;
  readonly cancelled: () => boolean;
} {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let wasCancelled = false;
  let announce: () => void = () => {};
  let pending = Promise.resolve();
  const renew = (): void => {
    pending = new Promise((resolve) => {
      announce = resolve;
    });
  };
  renew();
  const body = new ReadableStream<Uint8Array>(
    {
      start: (own) => {
        controller = own;
      },
      pull: () =>
        new Promise((resolve) => {
          announce();
          const before = controller.enqueue.bind(controller);
          controller.enqueue = (chunk) => {
            controller.enqueue = before;
            before(chunk);
            resolve();
          };
        }),
      cancel: () => {
        wasCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return {
    body,
    asked: () => pending,
    give: (chunk) => {
      renew();
      controller.enqueue(chunk);
    },
    end: () => controller.close(),
    cancelled: () => wasCancelled,
  };
}

describe.each(stores)("uploads over a $kind store", ({ open }) => {
  let store: OpenStore;
  let registry: Registry;
  const blob = noise(300_000);

  beforeEach(async () => {
    store = await open();
    registry = newRegistry({ storage: store.storage });
  });
  afterEach(async () => {
    await registry.close();
    await store.remove();
  });

  const ask = (method: string, path: string, sent = {}): Promise<Response> =>
    send(registry.fetch, method, path, sent);

  describe("a body that breaks off", () => {
    it("leaves a session with exactly the bytes before the break, from which it goes on", async () => {
      const path = await openUpload(registry.fetch, "a");
      const broken = streamOf([blob.slice(0, 1000), blob.slice(1000, 70_000)], new Error("connection reset"));
      await expectError(await ask("PATCH", path, { body: broken }), 400, "BLOB_UPLOAD_INVALID");
      expect((await ask("GET", path)).headers.get("Range")).toBe("0-69999");
      const rest = await ask("PATCH", path, {
        headers: { "Content-Range": "70000-299999" },
        body: blob.slice(70_000),
      });
      expect(rest.status).toBe(202);
      expect((await ask("PUT", `${path}?digest=${digestOf(blob)}`)).status).toBe(201);
      await expectBody(await ask("GET", `/v2/a/blobs/${digestOf(blob)}`), blob);
    });

    it("does not let a second stream follow, which would be taken for the whole blob", async () => {
      const path = await openUpload(registry.fetch, "a");
      await ask("PATCH", path, { body: streamOf([blob.slice(0, 1000)], new Error("reset")) });
      await expectError(await ask("PATCH", path, { body: blob }), 400, "BLOB_UPLOAD_INVALID");
    });

    it("lets a stream begin again if nothing of it came", async () => {
      const path = await openUpload(registry.fetch, "a");
      const response = await ask("PATCH", path, { body: streamOf([], new Error("reset")) });
      await expectError(response, 400, "BLOB_UPLOAD_INVALID");
      expect((await ask("PATCH", path, { body: blob })).status).toBe(202);
      expect((await ask("PUT", `${path}?digest=${digestOf(blob)}`)).status).toBe(201);
    });

    it("leaves a session open when it was a PUT's", async () => {
      const path = await openUpload(registry.fetch, "a");
      const target = `${path}?digest=${digestOf(blob)}`;
      const broken = streamOf([blob.slice(0, 5000)], new Error("reset"));
      await expectError(await ask("PUT", target, { body: broken }), 400, "BLOB_UPLOAD_INVALID");
      expect((await ask("GET", path)).headers.get("Range")).toBe("0-4999");
      expect((await ask("PUT", target, { body: blob.slice(5000) })).status).toBe(201);
    });

    it("leaves nothing when it was a whole blob's", async () => {
      const broken = streamOf([blob.slice(0, 5000)], new Error("reset"));
      const response = await ask("POST", `/v2/a/blobs/uploads/?digest=${digestOf(blob)}`, { body: broken });
      await expectError(response, 400, "BLOB_UPLOAD_INVALID");
      expect((await ask("HEAD", `/v2/a/blobs/${digestOf(blob)}`)).status).toBe(404);
      await expectError(await ask("GET", "/v2/a/tags/list"), 404, "NAME_UNKNOWN");
    });

    it("is refused when its chunks are not bytes", async () => {
      const path = await openUpload(registry.fetch, "a");
      const body = streamOf(["text" as unknown as Uint8Array]);
      await expectError(await ask("PATCH", path, { body }), 400, "BLOB_UPLOAD_INVALID");
      expect((await ask("GET", path)).headers.get("Range")).toBe("0-0");
    });
  });

  describe("a body of another length than announced", () => {
    it.each([
      ["shorter than its Content-Range", { "Content-Range": "0-99" }, 60, "0-59"],
      ["longer than its Content-Range", { "Content-Range": "0-99" }, 150, "0-99"],
      ["shorter than its Content-Length", { "Content-Length": "100" }, 60, "0-59"],
      ["longer than its Content-Length", { "Content-Length": "100" }, 150, "0-99"],
    ])("is refused when it is %s, and the session tells what it holds", async (_, headers, length, range) => {
      const path = await openUpload(registry.fetch, "a");
      const response = await ask("PATCH", path, { headers, body: streamOf([blob.slice(0, length)]) });
      await expectError(response, 400, "SIZE_INVALID");
      expect((await ask("GET", path)).headers.get("Range")).toBe(range);
      const held = Number(range.slice(2)) + 1;
      const rest = blob.slice(held, 200);
      await ask("PATCH", path, { headers: { "Content-Range": `${held}-199` }, body: rest });
      expect((await ask("PUT", `${path}?digest=${digestOf(blob.slice(0, 200))}`)).status).toBe(201);
    });

    it.each(["x", "-1", "1.5", "1e9"])("is refused when Content-Length is %j", async (length) => {
      const path = await openUpload(registry.fetch, "a");
      const response = await ask("PATCH", path, { headers: { "Content-Length": length }, body: "x" });
      await expectError(response, 400, "SIZE_INVALID");
    });
  });

  describe("requests that meet in one session", () => {
    it("lets the newest take over from a body that is still coming, with what was stored of it", async () => {
      const path = await openUpload(registry.fetch, "a");
      const slow = handFed();
      const first = ask("PATCH", path, { body: slow.body });
      await slow.asked();
      slow.give(blob.slice(0, 1000));
      await slow.asked();
      expect((await ask("GET", path)).headers.get("Range")).toBe("0-999");

      const second = ask("PATCH", path, {
        headers: { "Content-Range": "1000-299999" },
        body: blob.slice(1000),
      });
      await expectError(await first, 409, "BLOB_UPLOAD_INVALID");
      expect(slow.cancelled()).toBe(true);
      expect((await second).status).toBe(202);
      expect((await ask("PUT", `${path}?digest=${digestOf(blob)}`)).status).toBe(201);
    });

    it("ends the session at once on DELETE, though a body is still coming", async () => {
      const path = await openUpload(registry.fetch, "a");
      const slow = handFed();
      const patch = ask("PATCH", path, { body: slow.body });
      await slow.asked();
      expect((await ask("DELETE", path)).status).toBe(204);
      await expectError(await patch, 409, "BLOB_UPLOAD_INVALID");
      await expectError(await ask("GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
    });

    it("makes the blob once when two PUTs come together", async () => {
      const path = await openUpload(registry.fetch, "a");
      await ask("PATCH", path, { body: blob });
      const target = `${path}?digest=${digestOf(blob)}`;
      const statuses = await Promise.all([ask("PUT", target), ask("PUT", target), ask("PUT", target)]);
      expect(statuses.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
      await expectBody(await ask("GET", `/v2/a/blobs/${digestOf(blob)}`), blob);
    });

    it("keeps one blob when sessions and repositories push it side by side", async () => {
      const push = async (repository: string): Promise<number> => {
        const path = await openUpload(registry.fetch, repository);
        await ask("PATCH", path, { body: streamOf([blob.slice(0, 100_000), blob.slice(100_000)]) });
        return (await ask("PUT", `${path}?digest=${digestOf(blob)}`)).status;
      };
      const repositories = ["a", "a", "b", "b", "c", "a"];
      expect(await Promise.all(repositories.map(push))).toEqual([201, 201, 201, 201, 201, 201]);
      for (const repository of repositories) {
        await expectBody(await ask("GET", `/v2/${repository}/blobs/${digestOf(blob)}`), blob);
      }
    });

    it("never loses a blob that is deleted in one repository while another begins to hold it", async () => {
      const digest = digestOf(blob);
      for (let round = 0; round < 10; round++) {
        await ask("POST", `/v2/a/blobs/uploads/?digest=${digest}`, { body: blob });
        const [mounted] = await Promise.all([
          ask("POST", `/v2/b${round}/blobs/uploads/?mount=${digest}&from=a`),
          ask("DELETE", `/v2/a/blobs/${digest}`),
        ]);
        if (mounted.status === 201) {
          await expectBody(await ask("GET", `/v2/b${round}/blobs/${digest}`), blob);
          await ask("DELETE", `/v2/b${round}/blobs/${digest}`);
        } else {
          expect(mounted.status).toBe(202);
        }
      }
    });
  });

  describe("sessions that nobody ends", () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    it("are gone when nobody asked for them throughout their lifetime, and not before", async () => {
      vi.useFakeTimers({ toFake: ["Date"] });
      registry = newRegistry({ storage: store.storage, uploadLifetime: 1000 });
      const path = await openUpload(registry.fetch, "a");
      await ask("PATCH", path, { body: "x" });
      for (let i = 0; i < 3; i++) {
        vi.advanceTimersByTime(999);
        await openUpload(registry.fetch, "a");
        expect((await ask("GET", path)).headers.get("Range")).toBe("0-0");
      }
      vi.advanceTimersByTime(999);
      const young = await openUpload(registry.fetch, "a");
      vi.advanceTimersByTime(1);
      await expectError(await ask("GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
      await openUpload(registry.fetch, "a");
      await expectError(await ask("PATCH", path, { body: "y" }), 404, "BLOB_UPLOAD_UNKNOWN");
      expect((await ask("GET", young)).status).toBe(204);
    });

    it("are not dropped while a body is coming, however slowly", async () => {
      vi.useFakeTimers({ toFake: ["Date"] });
      registry = newRegistry({ storage: store.storage, uploadLifetime: 1000 });
      const path = await openUpload(registry.fetch, "a");
      const slow = handFed();
      const patch = ask("PATCH", path, { body: slow.body });
      await slow.asked();
      vi.advanceTimersByTime(5000);
      await openUpload(registry.fetch, "a");
      slow.give(blob);
      await slow.asked();
      slow.end();
      expect((await patch).status).toBe(202);
      expect((await ask("PUT", `${path}?digest=${digestOf(blob)}`)).status).toBe(201);
    });

    it("are limited in number: 429 TOOMANYREQUESTS, until one ends", async () => {
      registry = newRegistry({ storage: store.storage, uploadCount: 2 });
      const opened = await Promise.all([1, 2, 3].map(() => ask("POST", "/v2/a/blobs/uploads/")));
      expect(opened.map(({ status }) => status).sort()).toEqual([202, 202, 429]);
      const refused = opened.find(({ status }) => status === 429) as Response;
      expect(refused.headers.get("Retry-After")).toMatch(/^\d+$/);
      await expectError(refused, 429, "TOOMANYREQUESTS");
      const whole = await ask("POST", `/v2/a/blobs/uploads/?digest=${digestOf("x")}`, { body: "x" });
      await expectError(whole, 429, "TOOMANYREQUESTS");
      const some = opened.find(({ status }) => status === 202) as Response;
      await ask("DELETE", some.headers.get("Location") as string);
      expect((await ask("POST", `/v2/a/blobs/uploads/?digest=${digestOf("x")}`, { body: "x" })).status).toBe(
        201,
      );
      expect((await ask("POST", "/v2/a/blobs/uploads/")).status).toBe(202);
    });

    it("end with the registry, together with bodies that are still coming", async () => {
      const path = await openUpload(registry.fetch, "a");
      const [chunk, whole] = [handFed(), handFed()];
      const patch = ask("PATCH", path, { body: chunk.body });
      const post = ask("POST", `/v2/a/blobs/uploads/?digest=${digestOf("x")}`, { body: whole.body });
      await Promise.all([chunk.asked(), whole.asked()]);
      await registry.close();
      await expectError(await patch, 409, "BLOB_UPLOAD_INVALID");
      await expectError(await post, 409, "BLOB_UPLOAD_INVALID");
      expect([chunk.cancelled(), whole.cancelled()]).toEqual([true, true]);
      await expectError(await ask("GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
    });
  });

  describe("other digest algorithms", () => {
    const digest = digestOf(blob, "sha512");

    it.each(["sha384", "toString", ""])(
      "are refused when nothing can compute them: %j",
      async (algorithm) => {
        const path = `/v2/a/blobs/uploads/?digest-algorithm=${algorithm}`;
        await expectError(await ask("POST", path), 400, "UNSUPPORTED");
      },
    );

    it.each([
      ["the package's own hash", {}],
      ["a digester that was given", { sha512: () => createHash("sha512") }],
    ])("are verified with %s: announced, whole, or known at the end alone", async (_, digesters) => {
      registry = newRegistry({ storage: store.storage, digesters });
      for (const query of ["", "?digest-algorithm=sha512"]) {
        const opened = await ask("POST", `/v2/a/blobs/uploads/${query}`);
        const path = opened.headers.get("Location") as string;
        await ask("PATCH", path, { body: blob });
        const done = await ask("PUT", `${path}?digest=${digest}`);
        expect([done.status, done.headers.get("Docker-Content-Digest")]).toEqual([201, digest]);
        await expectBody(await ask("GET", `/v2/a/blobs/${digest}`), blob);
        await ask("DELETE", `/v2/a/blobs/${digest}`);
      }
      const whole = await ask("POST", `/v2/a/blobs/uploads/?digest=${digest}`, { body: blob });
      expect(whole.status).toBe(201);
      const opened = await ask("POST", "/v2/a/blobs/uploads/?digest-algorithm=sha512");
      const put = `${opened.headers.get("Location")}?digest=${digestOf(blob)}`;
      expect((await ask("PUT", put, { body: blob })).status).toBe(201);
      const wrong = digestOf("other", "sha512");
      await expectError(
        await ask("POST", `/v2/a/blobs/uploads/?digest=${wrong}`, { body: blob }),
        400,
        "DIGEST_INVALID",
      );
    });
  });

  describe("a store that fails", () => {
    function failing(step: keyof BlobUpload): Storage {
      const { blobs, manifests } = store.storage;
      const failure = new Error(`${step} failed`);
      return {
        manifests,
        blobs: {
          size: blobs.size.bind(blobs),
          open: blobs.open.bind(blobs),
          mount: blobs.mount.bind(blobs),
          delete: blobs.delete.bind(blobs),
          beginUpload: async () => {
            const upload = await blobs.beginUpload();
            const fail = async (): Promise<never> => {
              throw failure;
            };
            const append = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
              for await (const _ of chunks) throw failure;
            };
            return { ...upload, [step]: step === "append" ? append : fail };
          },
        },
      };
    }

    it.each(["append", "commit"] as const)(
      "at %s answers 500, tells why to its owner alone, and ends the session",
      async (step) => {
        const onError = vi.fn();
        registry = newRegistry({ storage: failing(step), onError });
        const path = await openUpload(registry.fetch, "a");
        const body = streamOf([blob]);
        const response = await ask("PUT", `${path}?digest=${digestOf(blob)}`, { body });
        expect(await response.clone().text()).not.toContain('failed"');
        await expectError(response, 500, "UNKNOWN");
        expect(onError).toHaveBeenCalledExactlyOnceWith(
          expect.objectContaining({ message: `${step} failed` }),
          expect.any(Request),
        );
        await expectError(await ask("GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
        expect((await ask("HEAD", `/v2/a/blobs/${digestOf(blob)}`)).status).toBe(404);
      },
    );

    it("tells of the first failure when discarding fails, too", async () => {
      registry = newRegistry({ storage: failing("discard") });
      const path = await openUpload(registry.fetch, "a");
      const response = await ask("PUT", `${path}?digest=${digestOf("other")}`, { body: blob });
      await expectError(response, 400, "DIGEST_INVALID");
    });
  });
});
