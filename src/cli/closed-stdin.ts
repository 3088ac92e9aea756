import { type Stats, statSync, writeSync } from "node:fs";

const NULL_DEVICE = "/dev/null";

/**
 * Whether a descriptor that should be read stands in for one that was closed when the process was started. Node opens the null
 * device in its place, so reading does not fail, but gives nothing, and an empty layer would come of a mistake. It is opened for
 * writing, too, which tells it from `< /dev/null`, by which somebody asks for an empty input; what is written there goes nowhere.
 * Whoever gives the command that device for both, as Python's `subprocess.DEVNULL` is, can't be told from that, and is refused alike.
 *
 * @param stats those of the descriptor
 */
export function standsForClosed(fd: number, stats: Stats): boolean {
  try {
    return (
      stats.isCharacterDevice() &&
      stats.rdev === statSync(NULL_DEVICE).rdev &&
      writeSync(fd, new Uint8Array(1)) === 1
    );
  } catch {
    // There is no such device, or it can only be read.
    return false;
  }
}
