import { describe, expect, it } from "vitest";
import { registryOptions, type ServeFlags } from "../../src/cli/serve-flags.js";
import { UsageError } from "../../src/cli/usage-error.js";

const USER = { username: "me", passwordStdin: true } as const;

function optionsOf(flags: Partial<ServeFlags>, ...stdin: (string | Uint8Array)[]) {
  return registryOptions(
    { address: "127.0.0.1:0", ...flags },
    (async function* () {
      yield* stdin;
    })(),
  );
}

describe("registryOptions", () => {
  it("asks for nothing without flags, and does not read stdin", async () => {
    const untouched: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => {
        throw new Error("stdin was read");
      },
    };
    const options = await registryOptions({ address: "127.0.0.1:0", memory: 5 }, untouched);
    expect(options).toEqual({ memory: 5 });
  });

  it.each([
    ["secret", ["secret"]],
    ["secret", ["secret\n"]],
    ["secret", ["sec", "ret\r\nmore\n"]],
    [" a b ", [" a b \n"]],
    ["clé", [new Uint8Array([0x63, 0x6c, 0xc3]), new Uint8Array([0xa9, 0x0a])]],
  ])("takes %j for the password in %j", async (password, stdin) => {
    expect((await optionsOf(USER, ...stdin)).auth).toMatchObject({
      scheme: "basic",
      users: { me: password },
    });
  });

  it("does not wait for more than a line", async () => {
    const stdin = (async function* () {
      yield "secret\n";
      await new Promise(() => undefined);
    })();
    const { auth } = await registryOptions(
      { address: "", ...USER, tokens: true, anonymousPull: true },
      stdin,
    );
    expect(auth).toEqual({ scheme: "bearer", users: { me: "secret" }, anonymousPull: true });
  });

  it("takes a star among origins for all of them", async () => {
    expect((await optionsOf({ cors: ["https://a.example", "*"] })).cors).toBe("*");
    expect((await optionsOf({ cors: ["https://a.example"] })).cors).toEqual(["https://a.example"]);
  });

  it.each([
    [{ username: "me" }, "x", "--password-stdin"],
    [{ passwordStdin: true }, "x", "--username"],
    [{ tokens: true }, "", "--username"],
    [{ anonymousPull: true }, "", "--username"],
    [USER, "\nsecret", "password on stdin is empty"],
    [USER, "", "password on stdin is empty"],
    [{ ...USER, username: "a:b" }, "x", "colon"],
    [{ ...USER, username: "" }, "x", "empty"],
  ] as const)("refuses %j with stdin %j", async (flags, stdin, words) => {
    const failure = await optionsOf(flags, stdin).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain(words);
  });
});
