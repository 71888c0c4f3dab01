/** Finds all that could be encrypted in any bytes, and tries keys on it, wherever it may belong. */

import { readVarUint } from "../../packages/realtime/src/encryption/bytes.ts";
import type { Kind } from "../../packages/realtime/src/encryption/context.ts";
import { readBytes, type Sealed } from "../../packages/realtime/src/encryption/envelope.ts";
import type { EpochKeys } from "../../packages/realtime/src/encryption.ts";

/** An envelope as its sender wrote it, and presence data as the server keeps them: by the order of their keys. */
const ENVELOPES = [
  /"e2e":1,"k":(?<epoch>\d+),"n":"(?<nonce>[\w-]{16})","c":"(?<text>[\w-]+)"/g,
  /"c":"(?<text>[\w-]+)","e2e":1,"k":(?<epoch>\d+),"n":"(?<nonce>[\w-]{16})"/g,
];
const IN_JSON = new Set<Kind>(["event", "client", "presence"]);
/** The version of what is in a document. */
const VERSION = 1;
/** Version, epoch, nonce and tag, without any text. */
const LEAST_BYTES = 30;
/** What stands alone in a piece has at most so many bytes before it. */
const MOST_BEFORE = 128;
/** The length that stands before it has up to so many bytes. */
const MOST_LENGTH_BYTES = 3;

export interface Found {
  isJson: boolean;
  sealed: Sealed;
}

/** Each thing once that could be encrypted under one of these epochs. */
export function findSealed(pieces: readonly Buffer[], lastEpoch: number): Found[] {
  const found = new Map<string, Found>();
  const keep = (isJson: boolean, sealed: Sealed) => {
    const { nonce, ciphertext } = sealed;
    found.set(`${Buffer.from(nonce).toString("hex")} ${ciphertext.length}`, { isJson, sealed });
  };
  for (const piece of pieces) {
    for (const sealed of envelopesIn(piece)) keep(true, sealed);
    for (const sealed of partsIn(piece, lastEpoch)) keep(false, sealed);
  }
  return [...found.values()];
}

function envelopesIn(piece: Buffer): Sealed[] {
  // In JSON within JSON, each quote has a backslash.
  const text = piece.toString("latin1").replaceAll("\\", "");
  return ENVELOPES.flatMap((form) => [...text.matchAll(form)]).map(({ groups = {} }) => ({
    epoch: Number(groups.epoch),
    nonce: bytesOf(groups.nonce),
    ciphertext: bytesOf(groups.text),
  }));
}

const bytesOf = (text = "") => Uint8Array.from(Buffer.from(text, "base64url"));

/** Wherever bytes begin like a part of a document, as far as the length before them says, or to the end. */
function partsIn(piece: Buffer, lastEpoch: number): Sealed[] {
  const parts: Sealed[] = [];
  for (let at = piece.indexOf(VERSION); at >= 0; at = piece.indexOf(VERSION, at + 1)) {
    const epoch = piece[at + 1] ?? 0;
    if (epoch < 1 || epoch > lastEpoch) continue;
    const rest = at <= MOST_BEFORE ? [piece.length - at] : [];
    for (const length of [...lengthsBefore(piece, at), ...rest])
      if (length >= LEAST_BYTES && at + length <= piece.length)
        parts.push(readBytes(Uint8Array.from(piece.subarray(at, at + length))));
  }
  return parts;
}

function lengthsBefore(piece: Buffer, at: number): number[] {
  const starts = Array.from({ length: MOST_LENGTH_BYTES }, (_, index) => at - index - 1);
  return starts.flatMap((start) => {
    const read = start < 0 ? undefined : readVarUint(piece, start);
    return read?.end === at ? [read.number] : [];
  });
}

/** What somebody can decrypt with these keys of the epochs up to the last one, whatever epoch it says. */
export async function decrypted(
  all: readonly Found[],
  keys: EpochKeys,
  lastEpoch: number,
  belongs: { projectId: string; senders: string[]; types: { [kind in Kind]: string[] } },
): Promise<{ epoch: number; plaintext: Buffer }[]> {
  const { projectId, senders, types } = belongs;
  const epochs = Array.from({ length: lastEpoch }, (_, index) => index + 1);
  const places = Object.entries(types).flatMap(([kind, names]) =>
    names.flatMap((type) =>
      senders.map((sender) => ({ kind: kind as Kind, type, sender, projectId })),
    ),
  );
  const tries = all.flatMap(({ isJson, sealed }) =>
    places
      .filter(({ kind }) => IN_JSON.has(kind) === isJson)
      .flatMap((place) =>
        epochs.map(async (epoch) => {
          const opened = keys.sealer.open(place, { ...sealed, epoch });
          const plaintext = await opened.catch(() => undefined);
          return plaintext ? [{ epoch: sealed.epoch, plaintext: Buffer.from(plaintext) }] : [];
        }),
      ),
  );
  return (await Promise.all(tries)).flat();
}
