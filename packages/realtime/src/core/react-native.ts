/** Fills in what React Native lacks and `partysocket` needs. */

/**
 * `partysocket` copies each message into a `MessageEvent`, a class that React Native does not have.
 * Without it, no message would arrive (https://github.com/cloudflare/partykit/issues/401). Where the
 * class exists, this changes nothing.
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

/**
 * `partysocket` builds the query from pairs, and React Native before 0.80 treats a list of pairs as an
 * object. The server would get `0=_pk,…`, but neither the user nor the position
 * (https://github.com/facebook/react-native/issues/37247). Where pairs work, this changes nothing.
 */
export function ensureSearchParams(): void {
  const { URLSearchParams } = globalThis;
  if (String(new URLSearchParams([["a", "b"]])) === "a=b") return;
  class PairSearchParams extends URLSearchParams {
    constructor(init?: string[][] | Record<string, string>) {
      const pairs = Array.isArray(init) ? init : [];
      super(init === pairs ? undefined : init);
      for (const [name = "", value = ""] of pairs) this.append(name, value);
    }
  }
  Object.assign(globalThis, { URLSearchParams: PairSearchParams });
}

/** An id for a connection. `partysocket` makes one only where there is a `crypto`. */
export function randomId(): string {
  const { crypto } = globalThis;
  return crypto?.randomUUID?.() ?? Date.now().toString(36) + Math.random().toString(36).slice(2);
}
