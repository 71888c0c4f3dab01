/** Why a broadcast was not taken. */
/** A broadcast that failed for good. */
export class BroadcastError extends Error {
    name = "BroadcastError";
    code;
    /** The status of the server's answer, if there was one. */
    status;
    /** How long the server asks to wait, in milliseconds. */
    retryAfterMs;
    constructor(code, message, more = {}) {
        super(message, { cause: more.cause });
        this.code = code;
        this.status = more.status;
        this.retryAfterMs = more.retryAfterMs;
    }
}
