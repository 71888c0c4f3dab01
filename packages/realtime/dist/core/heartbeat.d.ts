/** Finds out that a connection is dead: it looks open for minutes after a sleep or a change of network. */
export declare class Heartbeat {
    #private;
    /** @param onSilence called when a ping was not answered within 10 s */
    constructor(send: (text: string) => void, onSilence: () => void);
    start(): void;
    /** Something came, so the server is there. */
    heard(): void;
    /** Asks whether the server is still there. */
    check(): void;
    stop(): void;
}
