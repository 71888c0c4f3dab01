/** What becomes of a frame that has come. */

import type { Frame } from "../core/frames.ts";
import type { UndecryptableReason } from "./undecryptable.ts";

/** Something that can't be read. */
export interface Refusal {
  readonly reason: UndecryptableReason;
  readonly epoch: number | null;
  /** The connection whose presence data they are. Absent for an event. */
  readonly of?: { readonly userId: string; readonly connectionId: string };
}

export type Outcome =
  /** It has been told before. */
  | { readonly kind: "drop" }
  /** It is told. */
  | {
      readonly kind: "take";
      readonly frame: Frame;
      /** Whether it has not been told before. From now on it has. */
      readonly isNew?: () => boolean;
      /** What in it can't be read. */
      readonly refusals?: readonly Refusal[];
    }
  /** It waits for the key of this epoch: of 0, until it is known whether the project is encrypted. */
  | { readonly kind: "hold"; readonly epoch: number }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Stands for an epoch where it is not known whether there are any. */
export const UNKNOWN_EPOCH = 0;

/** A frame that is told as it came. */
export const taken = (frame: Frame): Outcome => ({ kind: "take", frame });

/** One that is not told. */
export const refused = (reason: UndecryptableReason, epoch: number | null): Outcome => ({
  kind: "refuse",
  refusal: { reason, epoch },
});
