/** What an encrypted message is bound to, and what its keys are derived from. */

import { concat, lp, u64be, utf8 } from "./bytes.ts";

/** What is encrypted: an event of a backend or of a client, presence data, or a part of a document. */
export type Kind = "event" | "client" | "presence" | "doc" | "snapshot" | "awareness";

/** Where a message belongs. It can't be decrypted anywhere else. */
export interface Context {
  readonly kind: Kind;
  readonly projectId: string;
  /** The type of an event, the id of a document, or empty for presence data. */
  readonly type: string;
  /** `u:<userId>`, `c:<connectionId>` or `b:<name of a backend>`. */
  readonly sender: string;
}

/** How long an epoch key is, and each key that is derived from it. */
export const KEY_BYTES = 32;
/** The last epoch that there can be. */
export const LAST_EPOCH = 0xffff_ffff;

/** What every use of a key begins with: the name and version of this scheme. */
const LABEL = utf8("validiant-realtime e2e v1\0");
/** Where a sender would be. It is none, because every sender has a colon. */
const PLACE = "at";

/** Whether this can be an epoch. */
export function isEpoch(epoch: unknown): epoch is number {
  return Number.isInteger(epoch) && (epoch as number) >= 1 && (epoch as number) <= LAST_EPOCH;
}

/** The `info` from which a sender's key is derived. */
export function senderInfo(epoch: number, projectId: string, sender: string): Uint8Array {
  return concat(LABEL, u64be(epoch), lp(projectId), lp(sender));
}

/** The `info` from which the key of places is derived. */
export function placeInfo(epoch: number, projectId: string): Uint8Array {
  return senderInfo(epoch, projectId, PLACE);
}

/** The associated data of a message. */
export function associatedData(context: Context, epoch: number): Uint8Array {
  const { kind, projectId, type, sender } = context;
  return concat(LABEL, lp(kind), lp(projectId), lp(type), u64be(epoch), lp(sender));
}
