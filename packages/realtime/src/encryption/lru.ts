/** What was used last, up to a number. */

/** A cache of what takes a while to make. What could not be made is not kept. */
export class Lru<Value> {
  readonly #values = new Map<string, Promise<Value>>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** What is kept under this name, or else what `make` makes. It is made once, however many ask for it at a time. */
  get(name: string, make: () => Promise<Value>): Promise<Value> {
    const value = this.#values.get(name) ?? this.#made(name, make());
    // The first of a `Map` is what was set first.
    this.#values.delete(name);
    this.#values.set(name, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#size && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }

  #made(name: string, value: Promise<Value>): Promise<Value> {
    value.catch(() => {
      if (this.#values.get(name) === value) this.#values.delete(name);
    });
    return value;
  }
}
