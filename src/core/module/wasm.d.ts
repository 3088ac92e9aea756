/** workerd and bundlers made for it hand out a compiled module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** The build replaces these imports by the file's content. */
declare module "*.wasm?base64" {
  const base64: string;
  export default base64;
}
