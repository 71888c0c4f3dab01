/** The keys of projects, as whatever encrypts and decrypts uses them. */

import type { KeySource } from "./key-source.ts";
import type { Sealer } from "./sealer.ts";

/** A source that remembers keys, and tells when there may be new ones. */
export interface Keyring extends KeySource {
  readonly sealer: Sealer;
  /** There may be new keys, of this project or of any: the source is asked again. */
  refresh(projectId?: string): void;
  /** Calls the listener when there are, or may be, new keys, of this project or of any. */
  subscribe(listener: (projectId: string | undefined) => void): () => void;
}
