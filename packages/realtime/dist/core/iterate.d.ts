/** Events as an async iteration. */
import type { AnyEvent } from "./events.ts";
/** What has come and was not read yet. */
export declare class EventQueue implements AsyncIterableIterator<AnyEvent> {
    #private;
    /**
     * @param overflow makes the event that takes the place of all that wait when there are too many
     * @param onEnd called when the reader has enough
     */
    constructor(overflow: () => AnyEvent, onEnd: () => void);
    push(event: AnyEvent): void;
    /** No more will come: the reader gets what is there, then the end. */
    end(): void;
    [Symbol.asyncIterator](): this;
    next(): Promise<IteratorResult<AnyEvent, undefined>>;
    return(): Promise<IteratorResult<AnyEvent, undefined>>;
}
