import type { Progress } from "../stream/index.js";
import { formatBytes } from "./byte-size.js";

/** Milliseconds between two drawings: ten a second look steady, and cost nothing. */
const INTERVAL = 100;

const DEFAULT_WIDTH = 80;

/** Goes back to the start of the line; erases what is right of the cursor (ECMA-48, EL). */
const RETURN = "\r";
const ERASE_REST = "\x1b[K";

/** What is used of `process.stderr`. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  /** Characters in a line. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * One line on a terminal that tells how far a layer has come, rewritten in place; nothing at all where the screen is no terminal, or one that
 * calls itself dumb. It draws when it is told of progress, never by a timer, and without colours.
 */
export class ProgressLine {
  readonly #screen: Screen;
  readonly #enabled: boolean;
  readonly #now: () => number;
  readonly #began: number;
  #drawnAt: number;
  #drawn = false;
  #latest: Progress = { bytesIn: 0, bytesOut: 0 };

  /**
   * @param environment its `TERM` is looked at
   * @param now the time in milliseconds, from wherever
   */
  constructor(
    screen: Screen,
    environment: { readonly TERM?: string | undefined },
    now: () => number = () => performance.now(),
  ) {
    this.#screen = screen;
    this.#enabled = screen.isTTY === true && environment.TERM !== "dumb";
    this.#now = now;
    this.#began = now();
    this.#drawnAt = this.#began;
  }

  /** Takes note of progress, and draws it if the last drawing is old enough. */
  update(progress: Progress): void {
    this.#latest = progress;
    if (this.#enabled && this.#now() - this.#drawnAt >= INTERVAL) {
      this.#draw("");
    }
  }

  /** Draws the last state, and leaves it on the screen. */
  finish(): void {
    if (this.#enabled) {
      this.#draw("\n");
    }
  }

  /** Takes the line from the screen, so that another message can stand there. */
  clear(): void {
    if (this.#drawn) {
      this.#screen.write(RETURN + ERASE_REST);
      this.#drawn = false;
    }
  }

  #draw(end: string): void {
    this.#drawnAt = this.#now();
    this.#drawn = end === "";
    // Text that reached the last column would make some terminals begin a new line.
    const width = (this.#screen.columns || DEFAULT_WIDTH) - 1;
    this.#screen.write(RETURN + this.#text().slice(0, width) + ERASE_REST + end);
  }

  #text(): string {
    const { bytesIn, bytesOut, expectedSize } = this.#latest;
    const seconds = (this.#drawnAt - this.#began) / 1000;
    const parts = [
      `${formatBytes(bytesIn).padStart(7)} in`,
      `${formatBytes(bytesOut).padStart(7)} out`,
      ...(seconds > 0 ? [`${(bytesIn / 1e6 / seconds).toFixed(1).padStart(6)} MB/s`] : []),
    ];
    if (expectedSize !== undefined && bytesIn <= expectedSize) {
      const percent = Math.floor((100 * bytesIn) / expectedSize);
      parts.unshift(`${String(percent).padStart(3)} %`);
    }
    return parts.join("  ");
  }
}
