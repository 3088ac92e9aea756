import {
  type AuthConfig,
  fromConfig,
  keychainFromConfig,
  parseDockerConfig,
} from "../../../src/authn/index.js";
import type { RemoteOptions } from "../../../src/remote/index.js";
import { ALL_SCOPES } from "./flows.js";
import { type Scheme, USER, type World } from "./world.js";

/** One way to have credentials. */
export interface Kind {
  readonly name: string;
  /** The registries that it lets in to. */
  readonly lets: readonly Scheme[];
  /** The registries with which clients do what they do with no other kind. */
  readonly differs: readonly Scheme[];
  /** @returns what a client is given */
  readonly options: (world: World) => Promise<RemoteOptions>;
}

function given(config: AuthConfig): RemoteOptions {
  return { auth: fromConfig(config) };
}

function encoded({ password }: World): string {
  return Buffer.from(`${USER}:${password}`).toString("base64");
}

async function identity(world: World): Promise<string> {
  const token = await world.token("", true);
  world.secrets.add("refresh token", token);
  return token;
}

export const kinds: readonly Kind[] = [
  {
    name: "a user name and password",
    lets: ["basic", "bearer"],
    differs: ["basic", "bearer"],
    options: async ({ password }) => given({ username: USER, password }),
  },
  {
    name: "the two encoded",
    lets: ["basic", "bearer"],
    differs: [],
    options: async (world) => given({ auth: encoded(world) }),
  },
  {
    name: "a configuration of Docker's",
    lets: ["basic", "bearer"],
    differs: [],
    options: async (world) => {
      const text = JSON.stringify({ auths: { "registry.example": { auth: encoded(world) } } });
      return { keychain: keychainFromConfig(parseDockerConfig(text, "config.json")) };
    },
  },
  {
    name: "an identity token",
    lets: ["bearer"],
    differs: ["bearer"],
    options: async (world) => given({ identityToken: await identity(world) }),
  },
  {
    name: "an identity token beside a user name and password",
    lets: ["basic", "bearer"],
    differs: [],
    options: async (world) =>
      given({ username: USER, password: world.password, identityToken: await identity(world) }),
  },
  {
    name: "a registry token",
    lets: ["bearer"],
    differs: ["bearer"],
    options: async (world) => {
      const token = await world.token(ALL_SCOPES);
      world.secrets.add("token", token);
      return given({ registryToken: token });
    },
  },
  {
    name: "what a configuration has for others",
    lets: [],
    differs: [],
    options: async (world) => {
      const auth = encoded({ password: "others-Zq7" } as World);
      world.secrets.add("a password of others", "others-Zq7");
      const others = [
        "registry.example/other",
        "registry.example/app/more",
        "registry.example/ap",
        "registry.example/v1",
        "registry.example/v2",
        "https://registry.example/other/",
        "registry.example:8443",
        "https://registry.example:8443/v2/",
        "sub.registry.example",
        "example",
        "auth.example",
      ];
      const auths = Object.fromEntries(others.map((key) => [key, { auth }]));
      return { keychain: keychainFromConfig(parseDockerConfig(JSON.stringify({ auths }), "config.json")) };
    },
  },
  { name: "nothing", lets: [], differs: [], options: async () => ({}) },
];
