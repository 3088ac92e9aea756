import { describe, expect, it, vi } from "vitest";
import {
  type BlobUpload,
  newMemoryStorage,
  newRegistry,
  type Storage,
  type UploadLeft,
} from "../../src/registry/index.js";
import { digestOf, expectBody, expectError, noise, send } from "./exchange.js";

const blob = noise(200_000);
const id = "00000000-0000-4000-8000-000000000001";
const path = `/v2/a/blobs/uploads/${id}`;

/** The storage with other uploads left. */
function leaving({ blobs, manifests }: Storage, uploadsLeft: () => Promise<readonly UploadLeft[]>): Storage {
  return {
    manifests,
    blobs: {
      beginUpload: blobs.beginUpload.bind(blobs),
      size: blobs.size.bind(blobs),
      open: blobs.open.bind(blobs),
      mount: blobs.mount.bind(blobs),
      delete: blobs.delete.bind(blobs),
      uploadsLeft,
    },
  };
}

/** A store over which an earlier registry has left the first half of a blob. Each piece of it is read when the test lets it. */
async function storeWithHalf(): Promise<{
  readonly storage: Storage;
  readonly upload: BlobUpload;
  readonly letRead: () => void;
  readonly reads: () => number;
}> {
  const storage = newMemoryStorage({ limit: 1e6 });
  const half = blob.slice(0, 100_000);
  const begun = await storage.blobs.beginUpload();
  await begun.append(
    (async function* () {
      yield half;
    })(),
  );
  let [reads, letRead] = [0, (): void => {}];
  const allowed = new Promise<void>((resolve) => {
    letRead = resolve;
  });
  const upload: BlobUpload = {
    ...begun,
    isKept: true,
    discard: vi.fn(begun.discard),
    read: async function* () {
      reads += 1;
      yield half.slice(0, 50_000);
      await allowed;
      yield half.slice(50_000);
    },
  };
  let left: UploadLeft[] = [
    { id, repository: "a", algorithm: "sha256", upload, size: half.length, lastUsed: Date.now() },
  ];
  const uploadsLeft = async (): Promise<UploadLeft[]> => {
    const told = left;
    left = [];
    return told;
  };
  return { storage: leaving(storage, uploadsLeft), upload, letRead, reads: () => reads };
}

const rest = blob.subarray(100_000);
const headers = { "Content-Range": `100000-${blob.length - 1}` };

describe("an upload that an earlier registry left", () => {
  it("tells how far it has come without being read, and is read once, whoever else asks meanwhile", async () => {
    const { storage, letRead, reads } = await storeWithHalf();
    const { fetch } = newRegistry({ storage });
    expect((await send(fetch, "GET", path)).headers.get("Range")).toBe("0-99999");
    expect(reads()).toBe(0);
    const older = send(fetch, "PATCH", path, { headers, body: rest });
    await vi.waitFor(() => expect(reads()).toBe(1));
    const newer = send(fetch, "PUT", `${path}?digest=${digestOf(blob)}`, { headers, body: rest });
    letRead();
    await expectError(await older, 409, "BLOB_UPLOAD_INVALID");
    expect((await newer).status).toBe(201);
    expect(reads()).toBe(1);
    await expectBody(await send(fetch, "GET", `/v2/a/blobs/${digestOf(blob)}`), blob);
  });

  it("is left to the next registry when this one is closed, though it is being read", async () => {
    const { storage, upload, letRead, reads } = await storeWithHalf();
    const { fetch, close } = newRegistry({ storage });
    const patch = send(fetch, "PATCH", path, { headers, body: rest });
    await vi.waitFor(() => expect(reads()).toBe(1));
    const closed = close();
    letRead();
    await closed;
    await expectError(await patch, 409, "BLOB_UPLOAD_INVALID");
    await expectError(await send(fetch, "GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
    expect(upload.discard).not.toHaveBeenCalled();
  });

  it("is looked for again by the next request when its store has failed to tell of it", async () => {
    const { storage } = await storeWithHalf();
    let failures = 1;
    const failing = leaving(storage, async () => {
      if (failures-- > 0) throw new Error("the disk is busy");
      return (await storage.blobs.uploadsLeft?.()) ?? [];
    });
    const onError = vi.fn();
    const { fetch } = newRegistry({ storage: failing, onError });
    await expectError(await send(fetch, "GET", path), 500, "UNKNOWN");
    expect(onError).toHaveBeenCalledOnce();
    expect((await send(fetch, "GET", path)).status).toBe(204);
  });

  it("whose store gives another number of bytes than it told of is given up", async () => {
    const { storage, upload, letRead } = await storeWithHalf();
    letRead();
    const wrong = leaving(storage, async () =>
      ((await storage.blobs.uploadsLeft?.()) ?? []).map((left) => ({ ...left, size: left.size - 1 })),
    );
    const { fetch } = newRegistry({ storage: wrong });
    const shifted = { "Content-Range": `99999-${blob.length - 1}` };
    const body = blob.subarray(99_999);
    await expectError(await send(fetch, "PATCH", path, { headers: shifted, body }), 500, "UNKNOWN");
    expect(upload.discard).toHaveBeenCalledOnce();
  });
});
