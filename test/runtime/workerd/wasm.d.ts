/** A bundler for Workers hands out a compiled module. */
declare module "varve/*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
