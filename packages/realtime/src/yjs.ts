/** Documents that several people change at the same time, by Yjs. */

export type { DocumentEvents, UndecryptablePart } from "./yjs/events.ts";
export type { DocumentOptions, Persistence } from "./yjs/options.ts";
export { DocumentProvider } from "./yjs/provider.ts";
