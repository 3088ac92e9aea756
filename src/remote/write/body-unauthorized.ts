import { isStatus } from "../auth/connection.js";
import type { UploadMode } from "../upload/mode.js";

/**
 * Whether a token was refused together with a body that could be sent once. The request was not made again with another token, as others
 * are, but another try begins with requests that are.
 */
export function bodyUnauthorized(failure: unknown, mode: UploadMode): boolean {
  return (
    isStatus(failure, 401) && failure.method === { streaming: "PATCH", monolithic: "PUT", chunked: "" }[mode]
  );
}

/** Whether something holds, for the first time. */
export function once<T>(holds: (value: T) => boolean): (value: T) => boolean {
  let before = false;
  return (value) => {
    const first = !before && holds(value);
    before ||= first;
    return first;
  };
}
