/**
 * Waits for one promise at a time, such as a read that may never settle, in a way that can be cut short.
 * (`Promise.race` with one long-lived promise would gather a reaction on it for every wait.)
 */
export class Interruption {
  #reject: ((error: unknown) => void) | undefined;
  #interruption: { readonly error: unknown } | undefined;

  /** Settles as the promise does, unless it is cut short first; what the promise does then is ignored. */
  wait<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#interruption !== undefined) {
        reject(this.#interruption.error);
      }
      this.#reject = reject;
      promise.then(resolve, reject);
    });
  }

  /** Makes the present wait, if there is one, and every later one fail with the error. */
  interrupt(error: unknown): void {
    this.#interruption = { error };
    this.#reject?.(error);
  }
}
