/** Random input that can be had again: `SEED=… node --test tests/http/bad-input.test.ts`. */

/** Stands in the message of every failure that random input leads to. */
export const SEED = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 32));

/** A stream of random numbers, made by mulberry32 from a seed and a name. */
export class Random {
  #state: number;

  constructor(name: string, seed = SEED) {
    this.#state = seed;
    for (const byte of Buffer.from(name)) this.#state = Math.imul(this.#state ^ byte, 0x01000193);
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  }

  /** One of these. */
  of<T>(...choices: T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Bytes of any value: mostly a few, now and then many. */
  bytes(): Buffer {
    const length = this.below(this.of(2, 20, 200, 200, 200, 4_000));
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** `text` with some of its bytes changed, lost or doubled. */
  damaged(text: string): Buffer {
    return this.damagedBytes(Buffer.from(text));
  }

  /** Bytes, some of which are changed, lost or doubled. */
  damagedBytes(whole: Buffer): Buffer {
    let bytes = whole;
    for (let wounds = 1 + this.below(4); wounds > 0; wounds -= 1) {
      const [at, length] = [this.below(bytes.length + 1), this.below(4)];
      const inside = this.of(Buffer.of(this.below(256)), Buffer.of(), bytes.subarray(at, at + 9));
      bytes = Buffer.concat([bytes.subarray(0, at), inside, bytes.subarray(at + length)]);
    }
    return bytes;
  }
}
