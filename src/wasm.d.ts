/** What wasm-bindgen makes of the exports of lib.rs and room/mod.rs; scripts/build/compile.ts puts it in place. */
declare module "#wasm" {
  interface Env {
    ROOMS: DurableObjectNamespace;
    DOCUMENTS: DurableObjectNamespace;
    CONNECTS?: RateLimit;
    ASSETS?: Fetcher;
  }

  type Verdict = "valid" | "invalid" | "unavailable";

  class Room {
    constructor(state: DurableObjectState, env: Env);
    publish(
      body: Uint8Array,
      key: string | undefined,
      bearer: string | undefined,
      moreToCome: boolean,
    ): Response | undefined;
    awaitsWrite(): boolean;
    pending(): number;
    write(): void;
    isWritten(): void;
    holdsEvents(): boolean;
    flush(): void;
    call(request: Request): Response | undefined;
    ticket(): [ticket: number, patience: number] | undefined;
    called(text: string): string;
    nextCall(): [object: string, text: string] | undefined;
    callDueIn(): number | undefined;
    answered(object: string, text: string): void;
    unanswered(object: string): void;
    nextSettled(): [ticket: number, answer: Response] | undefined;
    settle(ticket: number): Response;
    documentsToTell(): string | undefined;
    message(socket: WebSocket, message: string | ArrayBuffer): string | undefined;
    judge(token: string): (() => Promise<Verdict>) | undefined;
    refresh(socket: WebSocket, token: string, verdict: Verdict): void;
    closed(socket: WebSocket, code: number, reason: string): void;
    broken(socket: WebSocket): void;
    alarm(): void;
  }

  function fetch(request: Request, env: Env): Response | Promise<Response>;

  function unavailable(request: Request, env: Env): Response | Promise<Response>;

  /** What the gate has learned of the places of a room. */
  function notePlaces(project: string, places: string): void;

  /** The settings that a document needs, in lines `name=value`. */
  function documentSettings(env: Env): string;

  /** Makes a new instance; objects of the old one must not be used any more. */
  function __wbg_reset_state(): void;
}

/** What wasm-bindgen makes of the exports of crates/document-room. */
declare module "#documents" {
  class Document {
    constructor(
      id: string,
      settings: string,
      sockets: import("./document-room/sockets.js").Sockets,
      storage: import("./document-room/storage.js").Storage,
      log: import("./document-room/log.js").Log,
      answers: typeof import("./runtime/response.js"),
    );
    pending(): number;
    writeIn(): number;
    write(): void;
    release(): string | undefined;
    expect(call: string): number | undefined;
    errand(call: string): string | undefined;
    isToldFloor(ticket: number, floor: number): void;
    turnAway(ticket: number): void;
    open(call: string, ticket: number, client: WebSocket, server: WebSocket): Response;
    answer(
      call: string,
      ticket: number | undefined,
      body: Uint8Array | undefined,
    ): Response | Uint8Array<ArrayBuffer> | string;
    message(socket: number, frame: ArrayBuffer): void;
    text(socket: number): void;
    closed(socket: number, code: number): boolean;
    alarm(): number | undefined;
    changedBody(): string;
    told(change: number): void;
    notTold(): void;
    beginCompaction(): boolean;
    compact(): void;
  }

  /** Makes an instance, also the first; objects of an older one must not be used any more. */
  function __wbg_reset_state(): void;
}
