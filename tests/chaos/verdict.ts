/** Whether a reconnecting client was told the truth about what it missed: P7.4 and P7.5. */

/** The position of a client in the events of its room. */
export interface Position {
  epoch: string;
  seq: number;
}

/** What `CONNECTED` says of the history. */
export interface History extends Position {
  recovered: boolean;
}

/** What is wrong with the answer to a client that came with this position, if anything is. */
export function misjudged(
  since: Position | undefined,
  history: History,
  historySize: number,
): string | undefined {
  const asked = since ? `${since.epoch}:${since.seq}` : "nothing";
  const told = `asked since ${asked}, was told ${JSON.stringify(history)}`;
  if (since?.epoch === history.epoch && since.seq > history.seq)
    return `an event that was sent is forgotten: ${told}`;
  if (history.recovered === isReplayable(since, history, historySize)) return;
  return `${history.recovered ? "recovered against all reason" : "not recovered, without reason"}: ${told}`;
}

function isReplayable(since: Position | undefined, now: Position, historySize: number): boolean {
  return since?.epoch === now.epoch && now.seq - since.seq <= historySize;
}
