/** Longer than the client waits on its own account: what a registry asks for. */
const ASKED_FOR_MILLISECONDS = 6000;

/** Counts the timers that wait, and lets none wait long. While it is installed it stands in place of the runtime's. */
export class Timers {
  /** What was waited for, in milliseconds, in order. */
  readonly asked: number[] = [];
  readonly #waiting = new Set<unknown>();
  readonly #originals = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  readonly #speed: number;

  /** @param speed how much faster than the clock they run */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Timers that were set, and neither fired nor were cleared. */
  get waiting(): number {
    return this.#waiting.size;
  }

  install(): void {
    const { setTimeout, clearTimeout } = this.#originals;
    const set = (callback: () => void, milliseconds = 0): unknown => {
      this.asked.push(milliseconds);
      const timer = setTimeout(
        () => {
          this.#waiting.delete(timer);
          callback();
        },
        milliseconds > ASKED_FOR_MILLISECONDS ? 0 : milliseconds / this.#speed,
      );
      this.#waiting.add(timer);
      return timer;
    };
    const clear = (timer: ReturnType<typeof setTimeout>): void => {
      this.#waiting.delete(timer);
      clearTimeout(timer);
    };
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  }

  /** A timer of the clock, which does not count. */
  real(callback: () => void, milliseconds: number): ReturnType<typeof setTimeout> {
    return this.#originals.setTimeout(callback, milliseconds);
  }

  /** Puts the runtime's own back, and ends what still waits. */
  uninstall(): void {
    Object.assign(globalThis, this.#originals);
    for (const timer of this.#waiting) this.#originals.clearTimeout(timer as never);
  }
}
