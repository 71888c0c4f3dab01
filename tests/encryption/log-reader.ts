/** Reads all that the server has of an encrypted document, with the keys of somebody. */

import * as Y from "yjs";
import { readVarUint } from "../../packages/realtime/src/encryption/bytes.ts";
import { type Message, readMessage } from "../../packages/realtime/src/encryption/document/wire.ts";
import { readBytes } from "../../packages/realtime/src/encryption/envelope.ts";
import type { EpochKeys } from "../../packages/realtime/src/encryption.ts";
import { SharedDocument } from "../support/document.ts";
import type { Server } from "../support/target.ts";
import { inSeconds, token } from "../support/token.ts";

/** A part of the log. */
export interface Part {
  kind: "snapshot" | "doc";
  epoch: number;
  sender: string;
  /** The text in it. Undefined if it could not be decrypted with the keys. */
  text: string | undefined;
}

/** Asks for everything, as somebody who may read. */
export async function readLog(
  server: Server,
  projectId: string,
  docId: string,
  keys: EpochKeys,
): Promise<Part[]> {
  const claims = { sub: "log-reader", permissions: ["doc:read"], exp: inSeconds(60) };
  const shared = new SharedDocument(server, projectId, docId);
  const socket = shared.connect({ e2e: "1", token: token(claims) });
  await socket.opened();
  socket.send(Uint8Array.of(0x10, 0));
  const parts: Part[] = [];
  const snapshot: Buffer[] = [];
  for (;;) {
    const message = read(await socket.next());
    if (message.kind === "current" && message.isAnswer) break;
    if (message.kind === "entries")
      for (const { sender, bytes } of message.entries)
        parts.push(await opened(keys, { projectId, docId, kind: "doc", sender, bytes }));
    if (message.kind !== "snapshot") continue;
    const { sender, part, parts: amount } = message;
    snapshot.push(Buffer.from(message.bytes));
    if (part === amount)
      parts.push(
        await opened(keys, {
          ...{ projectId, docId, kind: "snapshot", sender },
          bytes: Buffer.concat(snapshot),
        }),
      );
  }
  await socket.leave();
  return parts;
}

function read(frame: Buffer): Message {
  const message = readMessage(Uint8Array.from(frame).buffer);
  if (!message) throw new Error(`can't be read: ${frame.toString("hex")}`);
  return message;
}

interface Encrypted {
  projectId: string;
  docId: string;
  kind: "snapshot" | "doc";
  sender: string;
  bytes: Uint8Array;
}

async function opened(
  keys: EpochKeys,
  { projectId, docId, kind, sender, bytes }: Encrypted,
): Promise<Part> {
  const sealed = readBytes(bytes);
  const { epoch } = sealed;
  try {
    const context = { kind, projectId, type: docId, sender };
    const plaintext = await keys.sealer.open(context, sealed);
    const start = kind === "snapshot" ? (readVarUint(plaintext, 0)?.end ?? 0) : 0;
    return { kind, epoch, sender, text: textOf(plaintext.subarray(start)) };
  } catch {
    return { kind, epoch, sender, text: undefined };
  }
}

/** The text that is inserted in an update. */
function textOf(update: Uint8Array): string {
  const { structs } = Y.decodeUpdate(update);
  const strings = structs.map((struct) =>
    struct instanceof Y.Item && struct.content instanceof Y.ContentString ? struct.content.str : "",
  );
  return strings.join("");
}
