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

/**
 * `partysocket` makes the query of pairs, and React Native before 0.80 takes a list of pairs for an
 * object: the server would be told `0=_pk,…`, and neither the user nor the position
 * (https://github.com/facebook/react-native/issues/37247). Where pairs are known, nothing is changed.
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

/** A name for a connection. `partysocket` makes one only where there is a `crypto`. */
export function randomId(): string {
  const { crypto } = globalThis;
  return crypto?.randomUUID?.() ?? Date.now().toString(36) + Math.random().toString(36).slice(2);
}
