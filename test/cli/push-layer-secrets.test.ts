import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { useScratch } from "../node/authn/scratch.js";
import { useServers } from "../node/fetch/servers.js";
import { Secrets, unmistakable } from "../remote/credentials/secrets.js";
import { noise } from "./fixture/bytes.js";
import { run } from "./fixture/command.js";

const USER = "ada";
const password = unmistakable("password");
const TOKEN = "token-Zq7-given-out";
const SIGNATURE = "uploadsig-Zq7-aa11bb22";
const secrets = new Secrets();
secrets.add("password", password);
secrets.add("token", TOKEN);
secrets.add("upload signature", SIGNATURE);

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Everything that was asked, with what it decodes to. */
function echoOf({ url, headers }: IncomingMessage, body: string): object {
  const [, credentials = ""] = (headers.authorization ?? "").split(" ");
  return { url, headers, body, decoded: Buffer.from(credentials, "base64").toString("latin1") };
}

function refuse(status: number): Answer {
  return (request, response, body) => {
    const echo = echoOf(request, body);
    const errors = [{ code: "DENIED", message: JSON.stringify(echo), detail: echo }];
    response.writeHead(status, {
      "content-type": "application/json",
      "x-echo": encodeURI(JSON.stringify(echo)),
    });
    response.end(JSON.stringify({ errors }));
  };
}

const vanish: Answer = (request) => void request.socket.destroy();

/** A registry that wants to see who is there, with its token server beside it; what goes wrong is up to the test. */
function registry(scheme: "Basic" | "Bearer", wrong: Readonly<Record<string, Answer>>): RequestListener {
  return (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.once("end", () => {
      const { method = "", url = "", headers } = request;
      const place = url.startsWith("/token") ? "token" : method;
      const known = headers.authorization !== undefined;
      const answer = wrong[place];
      if (answer !== undefined && (known || place === "token")) {
        answer(request, response, Buffer.concat(pieces).toString("latin1"));
      } else if (place === "token") {
        response.end(JSON.stringify({ token: TOKEN }));
      } else if (!known) {
        const challenge = `${scheme} realm="http://${headers.host}/token",service="r"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
      } else {
        const statuses: Record<string, number> = { GET: 204, POST: 202, PATCH: 202, PUT: 201, DELETE: 204 };
        const location = `/v2/app/blobs/uploads/1?_state=${SIGNATURE}`;
        response.writeHead(statuses[method] ?? 405, { location }).end();
      }
    });
  };
}

describe("varve push-layer --verbose, when something goes wrong", () => {
  const { start } = useServers();
  const scratch = useScratch();

  /** Credentials in a file, or with a helper that is a line of shell. */
  function authFile(authority: string, credentials: object | string): string {
    if (typeof credentials !== "string") {
      return scratch.write(`auth-${authority}.json`, { auths: { [authority]: credentials } });
    }
    scratch.helper("test", credentials);
    return scratch.write("auth.json", { credHelpers: { [authority]: "test" } });
  }

  async function push(
    listener: RequestListener,
    credentials: object | string = { auth: Buffer.from(`${USER}:${password}`).toString("base64") },
    flags: readonly string[] = [],
  ) {
    const { port } = await start(listener);
    const authority = `127.0.0.1:${port}`;
    const parameters = ["push-layer", "--verbose", `${authority}/app`, ...flags];
    return run([...parameters, "--authfile", authFile(authority, credentials)], noise(50_000), {
      env: {
        ...scratch.env,
        PATH: `${scratch.file("bin")}:${process.env.PATH}`,
        REGISTRY_AUTH_FILE: "",
        DOCKER_CONFIG: "",
      },
    });
  }

  it.each([
    ["a 401 that repeats what it was shown", { POST: refuse(401) }],
    ["a 403 to the layer", { PATCH: refuse(403) }],
    ["a 500 to the last request", { PUT: refuse(500) }],
    ["a connection that breaks", { POST: vanish }],
    ["one that breaks under the layer", { PATCH: vanish }],
  ] as const)("tells no password after %s", async (_, wrong) => {
    const endings = await Promise.all([push(registry("Basic", wrong)), push(registry("Bearer", wrong))]);
    for (const { code, stdout, stderr } of endings) {
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/^varve: .+\n +at /m);
      expect(secrets.in(`${stdout}${stderr}`)).toEqual([]);
    }
  });

  it.each([
    ["refuses", refuse(401)],
    [
      "repeats what it was shown",
      (request, response, body) => void response.end(JSON.stringify(echoOf(request, body))),
    ],
    ["breaks the connection", vanish],
    [
      "gives no token, but with another status",
      (_, response) => void response.writeHead(201).end(`{"token":"${TOKEN}"}`),
    ],
  ] as readonly (readonly [string, Answer])[])(
    "tells no password after a token server that %s",
    async (_, token) => {
      const credentials = [
        { auth: Buffer.from(`${USER}:${password}`).toString("base64") },
        { identitytoken: password },
      ];
      for (const each of credentials) {
        const { code, stdout, stderr } = await push(registry("Bearer", { token }), each);
        expect(code).not.toBe(0);
        expect(secrets.in(`${stdout}${stderr}`)).toEqual([]);
      }
    },
  );

  it("tells none of a chunked push that does not go on", async () => {
    const flags = ["--upload", "chunked", "--chunk-size", "16KiB", "--resumable", scratch.file("state")];
    const { code, stdout, stderr } = await push(registry("Bearer", { PUT: refuse(400) }), undefined, flags);
    expect(code).not.toBe(0);
    expect(secrets.in(`${stdout}${stderr}`)).toEqual([]);
    expect(secrets.in(scratch.read("state"))).toEqual(["upload signature"]);
  });

  it("passes nothing on of what a credential helper says beside its answer", async () => {
    const said = `{"Username":"${USER}","Secret":${JSON.stringify(password)}}`;
    scratch.write("said", said);
    const helper = `cat "$HOME/said"; cat "$HOME/said" >&2`;
    const { code, stdout, stderr } = await push(registry("Basic", {}), helper);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^credentials for .*\(credHelpers test\)\n$/);
    expect(secrets.in(`${stdout}${stderr}`)).toEqual([]);
  });

  it.each([
    ["on stderr", `cat "$HOME/said" >&2; exit 1`],
    ["on stdout", `cat "$HOME/said"; exit 1`],
    ["in an answer that is cut off", `head -c 50 "$HOME/said"`],
  ])("tells nothing of a helper that fails with a secret %s", async (_, helper) => {
    scratch.write("said", `{"Username":"${USER}","Secret":${JSON.stringify(password)}}`);
    const { code, stdout, stderr } = await push(registry("Basic", {}), helper);
    expect(code).toBe(3);
    expect(stderr).toContain("docker-credential-test");
    expect(secrets.in(`${stdout}${stderr}`)).toEqual([]);
  });
});
