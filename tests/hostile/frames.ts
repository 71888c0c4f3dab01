/** Frames of RFC 6455 as no client library would write them. */

const MASKED = 0x80;
const NO_MASKING = Buffer.alloc(4);
const LONGEST_SHORT = 125;
const TWO_BYTES_FOLLOW = 126;
const EIGHT_BYTES_FOLLOW = 127;

/** `head`: FIN, the reserved bits and the opcode. */
export const TEXT = 0x81;
export const BEGIN_TEXT = 0x01;
export const BEGIN_PING = 0x09;
export const CONTINUATION = 0x00;
export const PING = 0x89;
export const PONG = 0x8a;
export const WITH_A_RESERVED_BIT = 0xc1;
export const OF_NO_KNOWN_KIND = 0x83;

/** A masked frame. `declared` is the length that it claims to have. */
export function frameOf(head: number, payload: Uint8Array, declared = payload.length): Buffer {
  return Buffer.concat([Buffer.of(head), maskedLength(declared), NO_MASKING, payload]);
}

/** A frame without a mask, which a client must not send. */
export function unmasked(head: number, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(head, payload.length), payload]);
}

function maskedLength(length: number): Buffer {
  if (length <= LONGEST_SHORT) return Buffer.of(MASKED | length);
  const bytes = Buffer.alloc(length <= 0xffff ? 3 : 9, MASKED | EIGHT_BYTES_FOLLOW);
  if (length <= 0xffff) {
    bytes.writeUInt8(MASKED | TWO_BYTES_FOLLOW);
    bytes.writeUInt16BE(length, 1);
  } else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}
