/** Frames that are too big, never end, never stop, or are not frames. */

import { type Attack, type Form, type Ground, inRoom } from "./attack.ts";
import * as frames from "./frames.ts";
import { frameOf } from "./frames.ts";
import { HUNG_UP, nextFrame } from "./handshake.ts";
import type { Wire } from "./wire.ts";

const LIMIT = 16_384;
const MIB = 1_048_576;
/** The runtime accepts at most 32 MiB. */
const BEYOND_ALL_BOUNDS = 33 * MIB;
const PONG = "opcode 10";
const PROTOCOL_ERROR = "closed 1002";
const NO_HARM_DONE = "ERROR malformed_message";

const bytes = (length: number) => Buffer.alloc(length, "x");
const text = (length: number, declared = length) => frameOf(frames.TEXT, bytes(length), declared);
const BEGIN = frameOf(frames.BEGIN_TEXT, bytes(1));
const LAST_WORD = frameOf(frames.TEXT, Buffer.from('{"type":"LAST_WORD"}'));
const many = (head: number, length = 100) =>
  Array<Buffer>(10).fill(Buffer.concat(Array<Buffer>(100).fill(frameOf(head, bytes(length)))));
const NOTHINGS = many(frames.CONTINUATION, 0);

export function giantFrames(ground: Ground): Attack {
  const form = (name: string, expected: Form["expected"], sent: () => Iterable<Buffer>): Form => ({
    name,
    expected,
    attempt: () => inRoom(ground, (wire) => wire.sendUntil(saysFirst(wire), sent())),
  });
  return {
    perSecond: 40,
    atOnce: 8,
    forms: [
      form("just at the limit", "ERROR malformed_message", () => [text(LIMIT)]),
      form("just over it", "closed 4009", () => [text(LIMIT + 1)]),
      form("of 1 MiB", "closed 4009", () => [text(MIB)]),
      form("that says to have 64 MiB", "closed 1009", () => [text(100, 64 * MIB)]),
      form("that says to have 2^62 bytes", "closed 1009", () => [text(100, 2 ** 62)]),
      form("a message that never ends", ["closed 1009", HUNG_UP], () => parts(BEYOND_ALL_BOUNDS)),
      form("another message within one", PROTOCOL_ERROR, () => [...parts(MIB), LAST_WORD]),
      form("a message of empty parts", PROTOCOL_ERROR, () => [BEGIN, ...NOTHINGS, LAST_WORD]),
      form("pings without a stop", NO_HARM_DONE, () => [...many(frames.PING), LAST_WORD]),
      form("pongs without a stop", NO_HARM_DONE, () => [...many(frames.PONG), LAST_WORD]),
      form("a ping in parts", PROTOCOL_ERROR, () => [frameOf(frames.BEGIN_PING, bytes(5))]),
      // The runtime accepts them, contrary to RFC 6455, 5.1.
      form("without a mask", "ERROR malformed_message", () => [
        frames.unmasked(frames.TEXT, bytes(5)),
      ]),
      form("a reserved bit", PROTOCOL_ERROR, () => [frameOf(frames.WITH_A_RESERVED_BIT, bytes(5))]),
      form("of no known kind", PROTOCOL_ERROR, () => [frameOf(frames.OF_NO_KNOWN_KIND, bytes(5))]),
    ],
  };
}

/** The parts of one message, of this many bytes, without the last one. */
function* parts(length: number): Iterable<Buffer> {
  const part = frameOf(frames.CONTINUATION, bytes(65_536));
  yield BEGIN;
  for (let sent = 0; sent < length; sent += part.length) yield part;
}

/** The first thing that the server sends, apart from pongs. */
async function saysFirst(wire: Wire): Promise<string> {
  let said = await nextFrame(wire);
  while (said === PONG) said = await nextFrame(wire);
  return said;
}
