/** Finds out that a connection is dead: it looks open for minutes after a sleep or a change of network. */

/** The server answers exactly this text without waking the room. */
const PING = '{"type":"PING"}';
/** The server takes who used to ping for dead after 90 s; a background tab's timers run once a minute. */
const INTERVAL_MS = 30_000;
const PATIENCE_MS = 10_000;
/**
 * After a wake-up, when somebody looks at the screen and the connection is in doubt. A phone may
 * take 2 s to get its radio back, 1 s to send again what was lost, and 1 s to and fro. To be wrong
 * costs one more connect, and no event.
 */
const WAKE_PATIENCE_MS = 5_000;

export class Heartbeat {
  readonly #send: (text: string) => void;
  readonly #onSilence: () => void;
  #interval: ReturnType<typeof setInterval> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /** When `#deadline` is, in milliseconds since 1970. */
  #due = Number.POSITIVE_INFINITY;

  /** @param onSilence called when a ping was not answered within 10 s, or 5 s after a wake-up */
  constructor(send: (text: string) => void, onSilence: () => void) {
    this.#send = send;
    this.#onSilence = onSilence;
  }

  start(): void {
    this.stop();
    // Also while events come: the server hears of a client by its pings only.
    this.#interval = setInterval(() => this.#ask(PATIENCE_MS), INTERVAL_MS);
  }

  /** Something came, so the server is there. */
  heard(): void {
    clearTimeout(this.#deadline);
    this.#due = Number.POSITIVE_INFINITY;
  }

  /** Asks now whether the server is still there: something happened that a connection may not survive. */
  check(): void {
    this.#ask(WAKE_PATIENCE_MS);
  }

  #ask(patience: number): void {
    const due = Date.now() + patience;
    // An earlier question that must be answered sooner still counts.
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
