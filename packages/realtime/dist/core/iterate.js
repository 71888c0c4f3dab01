/** Events as an async iteration. */
/** How many events wait for a reader at most. */
const CAPACITY = 1_000;
/** What has come and was not read yet. */
export class EventQueue {
    #overflow;
    #onEnd;
    #events = [];
    #ended = false;
    #wake = () => { };
    /**
     * @param overflow makes the event that takes the place of all that wait when there are too many
     * @param onEnd called when the reader has enough
     */
    constructor(overflow, onEnd) {
        this.#overflow = overflow;
        this.#onEnd = onEnd;
    }
    #woken() {
        const wake = this.#wake;
        this.#wake = () => { };
        wake();
    }
    push(event) {
        if (this.#events.length === CAPACITY)
            this.#events = [this.#overflow()];
        this.#events.push(event);
        this.#woken();
    }
    /** No more will come: the reader gets what is there, then the end. */
    end() {
        this.#ended = true;
        this.#woken();
    }
    [Symbol.asyncIterator]() {
        return this;
    }
    async next() {
        for (;;) {
            const value = this.#events.shift();
            if (value)
                return { value, done: false };
            if (this.#ended)
                return { value: undefined, done: true };
            await this.#arrival();
        }
    }
    #arrival() {
        const others = this.#wake;
        return new Promise((resolve) => {
            this.#wake = () => {
                others();
                resolve();
            };
        });
    }
    async return() {
        this.#events = [];
        this.end();
        this.#onEnd();
        return { value: undefined, done: true };
    }
}
