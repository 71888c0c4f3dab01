/** Reads the body of a request, up to a limit. */

/**
 * Lets the runtime read a body in one go: reading a body of one-byte chunks here would cost a turn for each byte.
 * @param {ReadableStream | null} stream
 * @param {number} maxBytes
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} undefined if it is longer
 */
export async function readUpTo(stream, maxBytes) {
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader({ mode: "byob" });
  const { value } = await reader.readAtLeast(maxBytes + 1, new Uint8Array(maxBytes + 1));
  const body = value ?? new Uint8Array();
  return body.byteLength > maxBytes ? undefined : body;
}
