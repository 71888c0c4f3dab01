/** Handlers by the name of what they wait for. What one of them throws never reaches who emits. */

/** Takes a handler away again. */
export type Unsubscribe = () => void;

// biome-ignore lint/suspicious/noExplicitAny: `on` of the connection types each handler by its event
export type Handler = (event: any) => unknown;

export class Emitter {
  readonly #handlers = new Map<string, Set<{ handler: Handler }>>();

  on(type: string, handler: Handler): Unsubscribe {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    // The same function may be there twice, each with its own end.
    const entry = { handler };
    handlers.add(entry);
    return () => void handlers.delete(entry);
  }

  /**
   * Calls the handlers in the order in which they came. One that is taken away meanwhile is left out,
   * and so is one that comes meanwhile.
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
 * Tells of an error as if nobody had caught it, but without ending the process: Deno ends it for an
 * error that is reported and that nobody handles.
 */
export function report(error: unknown): void {
  const isPage = !("Deno" in globalThis || "Bun" in globalThis);
  if (isPage && typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}
