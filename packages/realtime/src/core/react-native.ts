/** What React Native lacks of what `partysocket` takes for granted. */

/**
 * `partysocket` copies each message into a `MessageEvent`, a class that React Native does not have:
 * without one, no message would arrive (https://github.com/cloudflare/partykit/issues/401). Where
 * there is one, nothing is changed.
 */
export function ensureMessageEvent(): void {
  if (typeof globalThis.MessageEvent === "function") return;
  class BareMessageEvent extends Event {
    readonly data: unknown;

    constructor(type: string, { data }: { data?: unknown } = {}) {
      super(type);
      this.data = data;
    }
  }
  Object.assign(globalThis, { MessageEvent: BareMessageEvent });
}

/** A name for a connection. `partysocket` makes one only where there is a `crypto`. */
export function randomId(): string {
  const { crypto } = globalThis;
  return crypto?.randomUUID?.() ?? Date.now().toString(36) + Math.random().toString(36).slice(2);
}
