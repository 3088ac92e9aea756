import { keychainFromConfig, newMultiKeychain, parseDockerConfig } from "varve/authn";
import { newRepository } from "varve/name";

const login = { auths: { "registry.example": { auth: btoa("ada:difference") } } };
const keychain = newMultiKeychain(
  keychainFromConfig(parseDockerConfig(JSON.stringify(login), "config.json")),
);

for (const text of ["registry.example/team/app", "elsewhere.example/app"]) {
  const authenticator = await keychain.resolve(newRepository(text));
  const { username } = await authenticator.authorization();
  console.log(text, username ?? "anonymous");
}
