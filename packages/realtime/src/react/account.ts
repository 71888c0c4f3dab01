/** Finds out whether whoever is signed in to the app has become another user. */

import type { GetToken } from "../core/token.ts";

/**
 * A component may make another `getToken` each time that it is rendered. So often a token is fetched
 * only to see whose it is, at the most.
 */
const INTERVAL_MS = 10_000;

export class AccountWatch {
  /** What was given before tells of no change. */
  readonly #known = new WeakSet<GetToken>();
  readonly #ask: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #notBefore = 0;

  /** @param ask asks whose token the app gives now, and does what follows from that */
  constructor(getToken: GetToken, ask: () => Promise<void>) {
    this.#known.add(getToken);
    this.#ask = ask;
  }

  /** A component gave this function. The first that is not known is asked at once. */
  given(getToken: GetToken | undefined): void {
    if (!getToken || this.#known.has(getToken)) return;
    this.#known.add(getToken);
    const wait = Math.max(0, this.#notBefore - Date.now());
    if (wait === 0) this.look();
    // A clock that was set back must not hold it up for longer.
    else this.#timer ??= setTimeout(() => this.look(), Math.min(wait, INTERVAL_MS));
  }

  /** Asks now. */
  look(): void {
    this.end();
    this.#notBefore = Date.now() + INTERVAL_MS;
    this.#ask().catch(() => {
      this.#timer ??= setTimeout(() => this.look(), INTERVAL_MS);
    });
  }

  /** Asks no more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
