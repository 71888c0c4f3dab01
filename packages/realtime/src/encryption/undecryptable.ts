/** What can't be read. */

/**
 * Why something can't be read. `no_key`: the key of this epoch is not there (yet). `damaged`: it was changed, or put
 * under another sender, type, project, kind or epoch. `malformed`: it has another form than this version's. `plaintext`:
 * it came unencrypted. `stale`: it was encrypted under an epoch below the floor.
 */
export type UndecryptableReason = "no_key" | "damaged" | "malformed" | "plaintext" | "stale";

/** Something can't be read, or, without a key, not encrypted. */
export class UndecryptableError extends Error {
  override readonly name = "UndecryptableError";
  readonly reason: UndecryptableReason;
  /** Undefined if it does not say. */
  readonly epoch: number | undefined;

  constructor(reason: UndecryptableReason, epoch?: number, options?: { cause?: unknown }) {
    super(`${WORDS[reason]}${epoch === undefined ? "" : ` (epoch ${epoch})`}`, options);
    this.reason = reason;
    this.epoch = epoch;
  }
}

const WORDS: Record<UndecryptableReason, string> = {
  no_key: "There is no key",
  damaged: "Changed, or from another context",
  malformed: "Not in the form of this version",
  plaintext: "Not encrypted",
  stale: "Encrypted under an epoch that is over",
};
