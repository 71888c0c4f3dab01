/** One publication, repeated until it is answered, a bounded number of times. */
/** Where and how to deliver. */
export interface Delivery {
    url: string;
    secret: string;
    /** By which the server tells a repeat from another event. */
    id: string;
    /** JSON. */
    body: string;
    /** For each attempt. */
    timeoutMs: number;
    /** Attempts after the first. */
    retries: number;
    /** No attempt begins after this time, in milliseconds since 1970. */
    deadline: number;
}
/** The server's answer. Fails with a {@link BroadcastError} when nothing is left to try. */
export declare function deliver(delivery: Delivery): Promise<unknown>;
