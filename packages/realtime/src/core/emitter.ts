/** Handlers by event type. An error thrown by a handler never reaches the code that emits. */

/** Removes the handler. */
export type Unsubscribe = () => void;

// biome-ignore lint/suspicious/noExplicitAny: `on` of the connection types each handler by its event
export type Handler = (event: any) => unknown;

export class Emitter {
  readonly #handlers = new Map<string, Set<{ handler: Handler }>>();

  on(type: string, handler: Handler): Unsubscribe {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    // The same function can be added twice, and each is removed separately.
    const entry = { handler };
    handlers.add(entry);
    return () => void handlers.delete(entry);
  }

  /**
   * Calls the handlers in the order in which they were added. A handler removed or added meanwhile is
   * not called.
   */
  emit(type: string, event: unknown): void {
    const handlers = this.#handlers.get(type);
    for (const entry of [...(handlers ?? [])]) if (handlers?.has(entry)) call(entry.handler, event);
  }
}

function call(handler: Handler, event: unknown): void {
  try {
    const result = handler(event);
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}

/**
 * Reports an error as if nobody had caught it, but without ending the process. Deno would end the
 * process for an error passed to `reportError`.
 */
export function report(error: unknown): void {
  const isPage = !("Deno" in globalThis || "Bun" in globalThis);
  if (isPage && typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}
