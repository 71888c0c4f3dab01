/** The body of a request, bounded. */

/**
 * Reads a body in one go, by the runtime itself: a body in chunks of a byte each would cost a turn for each of them.
 * @param {ReadableStream | null} stream
 * @param {number} maxBytes
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} nothing if it is longer
 */
export async function readUpTo(stream, maxBytes) {
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader({ mode: "byob" });
  const { value } = await reader.readAtLeast(maxBytes + 1, new Uint8Array(maxBytes + 1));
  const body = value ?? new Uint8Array();
  return body.byteLength > maxBytes ? undefined : body;
}
