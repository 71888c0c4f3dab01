/** Whether a reconnecting client was told the truth about what it missed: P7.4 to P7.6. */

import type { Ledger } from "./ledger.ts";

/** The position of a client in the events of its room. */
export interface Position {
  epoch: string;
  seq: number;
}

/** A position, and in which life of the server it was learnt. */
export interface LearntPosition extends Position {
  life: number;
}

/** What `CONNECTED` says of the history. */
export interface History extends Position {
  recovered: boolean;
}

/** With what a client came, and what it was told. */
export interface Welcome {
  since: LearntPosition | undefined;
  history: History;
  historySize: number;
  /** The life of the server that said it. */
  life: number;
}

/** What is wrong with the answer to a client, if anything is. All up to both numbers must have been answered. */
export function misjudged(welcome: Welcome, ledger: Ledger): string | undefined {
  const { since, history } = welcome;
  if (history.recovered === isReplayable(welcome, ledger)) return;
  const asked = since ? `${since.epoch}:${since.seq}` : "nothing";
  const told = `asked since ${asked}, was told ${JSON.stringify(history)}`;
  return `${history.recovered ? "recovered against all reason" : "not recovered, without reason"}: ${told}`;
}

/** Whether the client's last event is still there, and so is all that came after it. */
function isReplayable({ since, history, historySize, life }: Welcome, ledger: Ledger): boolean {
  if (since?.epoch !== history.epoch) return false;
  // If it was lost, nobody has its number. It is lost with the life in which it was seen, not before.
  const isThere = since.seq === 0 || since.life === life || ledger.at(since.seq) !== undefined;
  return isThere && ledger.between(since.seq, history.seq).length <= historySize;
}
