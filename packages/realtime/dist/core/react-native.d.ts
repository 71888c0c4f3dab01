/** What React Native lacks of what `partysocket` takes for granted. */
/**
 * `partysocket` copies each message into a `MessageEvent`, a class that React Native does not have:
 * without one, no message would arrive (https://github.com/cloudflare/partykit/issues/401). Where
 * there is one, nothing is changed.
 */
export declare function ensureMessageEvent(): void;
/** A name for a connection. `partysocket` makes one only where there is a `crypto`. */
export declare function randomId(): string;
