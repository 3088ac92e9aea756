using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ( name = "suites", worker = .suites ),
    ( name = "injected", worker = .injected ),
    # The registry that a Worker pushes to listens on this machine.
    ( name = "this machine", network = ( allow = ["local"] ) ),
  ],
  sockets = [
    ( name = "suites", address = "127.0.0.1:0", http = (), service = "suites" ),
    ( name = "injected", address = "127.0.0.1:0", http = (), service = "injected" ),
  ],
);

# Since 2026-08-04 Node's compatibility layer is on unless it is turned off.
const date :Text = "2026-11-17";
const flags :List(Text) = ["no_nodejs_compat", "no_nodejs_compat_v2"];

const suites :Workerd.Worker = (
  compatibilityDate = .date,
  compatibilityFlags = .flags,
  globalOutbound = "this machine",
  modules = [
    ( name = "suites.js", esModule = embed "suites.js" ),
    ( name = "core.wasm", wasm = embed "core.wasm" ),
    ( name = "sha256.wasm", wasm = embed "sha256.wasm" ),
    ( name = "sha512.wasm", wasm = embed "sha512.wasm" ),
  ],
);

const injected :Workerd.Worker = (
  compatibilityDate = .date,
  compatibilityFlags = .flags,
  modules = [
    ( name = "injected.js", esModule = embed "injected.js" ),
    ( name = "core.wasm", wasm = embed "core.wasm" ),
    ( name = "sha256.wasm", wasm = embed "sha256.wasm" ),
    ( name = "sha512.wasm", wasm = embed "sha512.wasm" ),
  ],
);
