/** The sockets of a room, many of them in one call. */

/**
 * The attachments of all sockets, separated by a record separator; empty for a socket without one.
 * @param {DurableObjectState} state
 */
export function attachments(state) {
  const all = state.getWebSockets().map((socket) => socket.deserializeAttachment() ?? "");
  return all.join("\u001e");
}

/**
 * The number with which the attachment of a socket begins.
 * @param {WebSocket} socket
 * @returns {number | undefined} nothing if it has no attachment
 */
export function numberOf(socket) {
  const text = socket.deserializeAttachment();
  return text ? Number.parseInt(text, 10) : undefined;
}

/**
 * Accepts a socket for hibernation, with its attachment.
 * @param {DurableObjectState} state
 * @param {WebSocket} socket
 * @param {string} attachment
 * @returns {boolean} whether the runtime accepted it: an object has at most 32,768
 */
export function accept(state, socket, attachment) {
  try {
    state.acceptWebSocket(socket);
    socket.serializeAttachment(attachment);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {WebSocket} socket
 * @param {string | ArrayBuffer} frame
 * @returns {boolean} whether it was accepted: a closing socket accepts nothing, and its end will follow
 */
export function send(socket, frame) {
  try {
    socket.send(frame);
    return true;
  } catch {
    return false;
  }
}
