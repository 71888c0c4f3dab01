/**
 * An instance of a WebAssembly module, which is replaced after a trap.
 *
 * A trap (a panic, out of memory, stack overflow) breaks the instance, which holds the memory of every object of its
 * class in the isolate. The next call of any kind then makes a new one, and every object is rebuilt in it from what the
 * runtime kept. The other module's instance goes on.
 */

// Keeps names from the code, which an error's stack shows, out of the log.
/** @type {any} */ (Error).stackTraceLimit = 0;

export class Instance {
  #make;
  #isUsable;
  #generation = 0;

  /**
   * @param {() => void} make a new instance
   * @param {{ isMade: boolean }} first whether there is one already; otherwise the first call makes it
   */
  constructor(make, { isMade }) {
    this.#make = make;
    this.#isUsable = isMade;
  }

  /** How many instances there were before this one; what belongs to an older one must not be used any more. */
  get generation() {
    return this.#generation;
  }

  /** To be called before anything in the module is. */
  ensure() {
    if (this.#isUsable) return;
    this.#make();
    this.#isUsable = true;
    this.#generation += 1;
  }

  /**
   * Records what was thrown.
   * @param {unknown} thrown
   * @param {{ projectId: string | null, docId?: string, leaf?: number }} where it happened
   * @returns {boolean} whether it was a trap, rather than an error thrown on purpose
   */
  noteTrap(thrown, where) {
    // The runtime throws a RangeError on a stack overflow; the panic hook throws a RuntimeError.
    if (!(thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError)) return false;
    this.#isUsable = false;
    const { message } = thrown;
    // Logged whatever LOG_LEVEL says: nobody would want to turn this off.
    console.error(
      JSON.stringify({ level: "error", event: "failure", ...where, action: "panic", message }),
    );
    return true;
  }
}
