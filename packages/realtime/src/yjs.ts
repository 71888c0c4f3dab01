/** Documents that several people change at the same time, by Yjs. */

export type {
  DocumentEvents,
  DocumentOptions,
  Persistence,
  UndecryptablePart,
} from "./yjs/options.ts";
export { DocumentProvider } from "./yjs/provider.ts";
