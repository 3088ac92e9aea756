export { TarError } from "./error.js";
export type { TarHeader, TarType } from "./header.js";
export { type ReadTarOptions, readTar, type TarEntry } from "./read.js";
export { type NewTarEntry, tarSize, type WriteTarOptions, writeTar } from "./write.js";
