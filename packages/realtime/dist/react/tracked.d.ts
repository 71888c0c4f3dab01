/** Renders a component only for what it has looked at. */
import type { Unsubscribe } from "../core/emitter.ts";
/** Where values come from. */
export interface Source<T extends object> {
    subscribe(listener: () => void): Unsubscribe;
    /** The values now. */
    read(): T;
    /** The values while a server renders, and while its page comes to life. */
    initial: T;
}
/**
 * The values of a source as an object, which is another one only when a value has changed that the
 * component has read from it before.
 */
export declare function useTracked<T extends object>(source: Source<T>): T;
