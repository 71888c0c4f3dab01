/** Handlers by the name of what they wait for. What one of them throws never reaches who emits. */
/** Takes a handler away again. */
export type Unsubscribe = () => void;
export type Handler = (event: any) => unknown;
export declare class Emitter {
    #private;
    on(type: string, handler: Handler): Unsubscribe;
    /**
     * Calls the handlers in the order in which they came. One that is taken away meanwhile is left out,
     * and so is one that comes meanwhile.
     */
    emit(type: string, event: unknown): void;
}
/** Tells of an error as if nobody had caught it, but without ending the process. */
export declare function report(error: unknown): void;
