/** Detects dead connections: after sleep or a change of network they can look open for minutes. */

/** The server answers exactly this text without waking the room. */
const PING = '{"type":"PING"}';
/** The server gives up a client whose pings stop for 90 s. A background tab's timers run once a minute. */
const INTERVAL_MS = 30_000;
const PATIENCE_MS = 10_000;
/**
 * After a wake-up, when somebody is looking at the screen and the connection is in doubt. A phone may
 * need 2 s for its radio, 1 s to resend what was lost, and 1 s for the round trip. A wrong guess costs
 * one extra connect, and no event.
 */
const WAKE_PATIENCE_MS = 5_000;

export class Heartbeat {
  readonly #send: (text: string) => void;
  readonly #onSilence: () => void;
  #interval: ReturnType<typeof setInterval> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /** The time of `#deadline`, in milliseconds since 1970. */
  #due = Number.POSITIVE_INFINITY;

  /** @param onSilence called when a ping was not answered within 10 s, or 5 s after a wake-up */
  constructor(send: (text: string) => void, onSilence: () => void) {
    this.#send = send;
    this.#onSilence = onSilence;
  }

  start(): void {
    this.stop();
    // Even while events arrive: the server hears from a client only by its pings.
    this.#interval = setInterval(() => this.#ask(PATIENCE_MS), INTERVAL_MS);
  }

  /** Something arrived, so the server is there. */
  heard(): void {
    clearTimeout(this.#deadline);
    this.#due = Number.POSITIVE_INFINITY;
  }

  /** Asks at once whether the server is still there, after something that a connection may not survive. */
  check(): void {
    this.#ask(WAKE_PATIENCE_MS);
  }

  #ask(patience: number): void {
    const due = Date.now() + patience;
    // An earlier ping that must be answered sooner still counts.
    if (due < this.#due) {
      clearTimeout(this.#deadline);
      this.#due = due;
      this.#deadline = setTimeout(this.#onSilence, patience);
    }
    this.#send(PING);
  }

  stop(): void {
    clearInterval(this.#interval);
    this.heard();
  }
}
