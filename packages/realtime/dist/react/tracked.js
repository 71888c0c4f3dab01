/** Renders a component only for what it has looked at. */
import { useMemo, useSyncExternalStore } from "react";
/**
 * The values of a source as an object, which is another one only when a value has changed that the
 * component has read from it before.
 */
export function useTracked(source) {
    const tracker = useMemo(() => new Tracker(), []);
    return useSyncExternalStore(source.subscribe, () => tracker.see(source.read()), () => tracker.see(source.initial));
}
class Tracker {
    #asked = new Set();
    /** The values that the component was last rendered with. */
    #rendered;
    #newest;
    #seen;
    see(values) {
        const before = this.#rendered;
        this.#newest = values;
        if (before && this.#seen && [...this.#asked].every((key) => before[key] === values[key]))
            return this.#seen;
        this.#rendered = values;
        this.#seen = this.#watched(values);
        return this.#seen;
    }
    #watched(values) {
        const seen = {};
        for (const key of Object.keys(values)) {
            // The newest: a click may read what no render has read, and so has not kept up to date.
            const get = () => {
                this.#asked.add(key);
                return (this.#newest ?? values)[key];
            };
            Object.defineProperty(seen, key, { get, enumerable: true });
        }
        return seen;
    }
}
