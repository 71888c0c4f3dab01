/**
 * How long a frame took to arrive, by the server's timestamp in it and this browser's clock. The two
 * clocks may differ, and nobody can tell by how much. But a frame never arrives before it was sent, and
 * an answer is never older than its question.
 */
export class Clock {
  /** The server's clock is ahead by at least, and by at most, this many milliseconds. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  /** Records a frame's arrival. `askedAt`: when this browser asked for it, if it did. */
  note(timestamp: number, cameAt: number, askedAt?: number): void {
    const least = timestamp - cameAt;
    // Both clocks count whole milliseconds.
    const most = askedAt === undefined ? this.#most : timestamp - askedAt + 1;
    this.#least = Math.max(this.#least, least);
    this.#most = Math.min(this.#most, most);
    // One of the clocks was set: what was known before no longer holds.
    if (this.#least > this.#most) [this.#least, this.#most] = [least, most];
    if (this.#least > this.#most) this.#most = Number.POSITIVE_INFINITY;
  }

  /** As far as is proved: clocks that may agree are taken to agree. */
  get aheadMs(): number {
    if (this.#least > 0) return this.#least;
    return Math.min(this.#most, 0);
  }

  /** How long a frame took to arrive, in whole milliseconds. */
  latency(timestamp: number, cameAt: number): number {
    return Math.max(0, Math.round(cameAt - timestamp + this.aheadMs));
  }
}
