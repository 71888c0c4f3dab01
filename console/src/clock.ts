/**
 * How long a frame was under way: by the server's time in it, and this browser's. The two clocks may differ, and nobody
 * can tell by how much; but a frame never comes before it was sent, nor is an answer older than its question.
 */
export class Clock {
  /** The server's clock is ahead by at least, and by at most, so many milliseconds. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  /** A frame came. `askedAt`: when this browser asked for it, if it did. */
  note(timestamp: number, cameAt: number, askedAt?: number): void {
    const least = timestamp - cameAt;
    // Both clocks count whole milliseconds.
    const most = askedAt === undefined ? this.#most : timestamp - askedAt + 1;
    this.#least = Math.max(this.#least, least);
    this.#most = Math.min(this.#most, most);
    // One of the clocks was set: what was known before is worth nothing.
    if (this.#least > this.#most) [this.#least, this.#most] = [least, most];
    if (this.#least > this.#most) this.#most = Number.POSITIVE_INFINITY;
  }

  /** As far as it is proved: clocks that may be the same are taken to be. */
  get aheadMs(): number {
    if (this.#least > 0) return this.#least;
    return Math.min(this.#most, 0);
  }

  /** How long a frame was under way, in whole milliseconds. */
  latency(timestamp: number, cameAt: number): number {
    return Math.max(0, Math.round(cameAt - timestamp + this.aheadMs));
  }
}
