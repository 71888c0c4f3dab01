/** Finds out that a connection is dead: it looks open for minutes after a sleep or a change of network. */
/** The server answers exactly this text without waking the room. */
const PING = '{"type":"PING"}';
/** The server takes who used to ping for dead after 300 s; a background tab's timers run once a minute. */
const INTERVAL_MS = 30_000;
const PATIENCE_MS = 10_000;
export class Heartbeat {
    #send;
    #onSilence;
    #interval;
    #deadline;
    /** @param onSilence called when a ping was not answered within 10 s */
    constructor(send, onSilence) {
        this.#send = send;
        this.#onSilence = onSilence;
    }
    start() {
        this.stop();
        // Also while events come: the server hears of a client by its pings only.
        this.#interval = setInterval(() => this.check(), INTERVAL_MS);
    }
    /** Something came, so the server is there. */
    heard() {
        clearTimeout(this.#deadline);
        this.#deadline = undefined;
    }
    /** Asks whether the server is still there. */
    check() {
        this.#deadline ??= setTimeout(this.#onSilence, PATIENCE_MS);
        this.#send(PING);
    }
    stop() {
        clearInterval(this.#interval);
        this.heard();
    }
}
