/** Requests, handshakes and frames that arrive byte by byte: hundreds at once. */

import { SECRET } from "../support/target.ts";
import { type Attack, type Ground, inRoom, ownToken, publishToken } from "./attack.ts";
import { frameOf, TEXT } from "./frames.ts";
import {
  broadcast,
  handshake,
  nextFrame,
  nextOutcome,
  outcomeSoFar,
  SILENCE,
} from "./handshake.ts";
import { later } from "./later.ts";
import { onWire, type Wire } from "./wire.ts";

/** The rest comes at once: it makes no difference to the server how long it has already waited. */
const SLOW_BYTES = 10;
const FRAME = frameOf(TEXT, Buffer.from('{"type":"SLOWLY_SENT"}'));
const BYTE_EVERY_MS = 100;

export function slowSenders(ground: Ground): Attack {
  const [own, victim] = [`/party/${ground.own}`, `/party/${ground.victim}`];
  const unfinished = broadcast(victim, undefined).slice(0, -1);
  const alone = (bytes: string, next = nextOutcome) =>
    onWire(ground, (wire) => outcome(wire, bytes, next));
  return {
    perSecond: 180,
    atOnce: 300,
    forms: [
      {
        name: "the body of a backend",
        expected: "200",
        attempt: () => alone(broadcast(own, SECRET)),
      },
      {
        name: "the body of a third party",
        expected: "200",
        attempt: () => alone(broadcast(own, publishToken(ground))),
      },
      {
        name: "a body without a secret that is never finished",
        expected: "401 unauthorized",
        attempt: () => alone(unfinished),
      },
      {
        name: "a handshake that is never finished",
        expected: SILENCE,
        attempt: () => alone(handshake(victim).slice(0, -1), outcomeSoFar),
      },
      {
        name: "a handshake without a token",
        expected: "closed 4100",
        attempt: () => alone(handshake(victim)),
      },
      {
        name: "a handshake with a token",
        expected: `CONNECTED to ${ground.own}`,
        attempt: () => alone(handshake(`${own}?token=${ownToken(ground)}`)),
      },
      {
        name: "a frame",
        expected: "ERROR malformed_message",
        attempt: () => inRoom(ground, (wire) => outcome(wire, FRAME, nextFrame)),
      },
    ],
  };
}

/** Sends it, the end of it slowly, and returns the outcome. */
async function outcome(wire: Wire, bytes: string | Buffer, next = nextOutcome): Promise<string> {
  const all = Buffer.from(bytes);
  wire.write(all.subarray(0, -SLOW_BYTES));
  for (const byte of all.subarray(-SLOW_BYTES)) {
    await later(BYTE_EVERY_MS);
    wire.write(Buffer.of(byte));
  }
  return next(wire);
}
