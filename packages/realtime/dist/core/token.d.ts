/** Tokens: fetched fresh for each connect, and refreshed on a connection before they end. */
/** Fetches a token from the app's backend. */
export type GetToken = () => string | Promise<string>;
/** A fresh token. Fails if there is none in 15 s, or if it is no token by its form. */
export declare function fetchToken(getToken: GetToken): Promise<string>;
/** When a token ends, in milliseconds since 1970; undefined if it can't be read. Nothing is verified. */
export declare function endOf(token: string): number | undefined;
/** Sends a fresh token over a connection before the one that it came with ends. */
export declare class TokenRefresh {
    #private;
    constructor(getToken: GetToken, send: (text: string) => void);
    /**
     * Plans the refresh of a token that ends at `end`. Both times are the server's, so that a wrong
     * clock here does no harm. Clients that came together refresh at different times.
     */
    plan(end: number | undefined, now: number): void;
    /** The token was refused, or there was none. It is tried again until the connection ends. */
    failed(retryAfterMs?: number): void;
    stop(): void;
}
