/** What was received on a connection: HTTP answers and, after a 101, frames of RFC 6455. */

export interface HttpAnswer {
  status: number;
  body: string;
}

export interface ServerFrame {
  opcode: number;
  payload: Buffer;
}

const HEAD_END = "\r\n\r\n";
const CHUNKS_END = "0\r\n\r\n";

/** A queue of bytes from which complete answers and frames are read. */
export class Received {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The next answer, if it is complete. */
  takeAnswer(): HttpAnswer | undefined {
    const headEnd = this.#bytes.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const head = this.#bytes.toString("latin1", 0, headEnd);
    const start = headEnd + HEAD_END.length;
    const end = start + bodyLength(head, this.#bytes.subarray(start));
    if (!(end <= this.#bytes.length)) return undefined;
    const body = this.#bytes.toString("utf8", start, end);
    this.#bytes = this.#bytes.subarray(end);
    return { status: Number(head.slice("HTTP/1.1 ".length).slice(0, 3)), body };
  }

  /** The next frame, if it is complete. A server's frames are not masked. */
  takeFrame(): ServerFrame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const short = bytes.readUInt8(1);
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < start) return undefined;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(2)
          : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < start + length) return undefined;
    this.#bytes = bytes.subarray(start + length);
    return { opcode: bytes.readUInt8(0) & 0x0f, payload: bytes.subarray(start, start + length) };
  }
}

/** NaN if the body is chunked and incomplete. */
function bodyLength(head: string, rest: Buffer): number {
  const length = /\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return Number(length);
  if (!/\ntransfer-encoding: *chunked/i.test(head)) return 0;
  const last = rest.indexOf(CHUNKS_END);
  return last < 0 ? Number.NaN : last + CHUNKS_END.length;
}
