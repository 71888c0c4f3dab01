/** The sockets of a room, many of them in one crossing. */

/**
 * The attachments of all sockets, with a record separator between them; empty for one that has none.
 * @param {WebSocket[]} sockets
 */
export function attachments(sockets) {
  return sockets.map((socket) => socket.deserializeAttachment() ?? "").join("\u001e");
}

/**
 * Takes a socket for hibernation, with what it is to remember.
 * @param {DurableObjectState} state
 * @param {WebSocket} socket
 * @param {string} attachment
 * @returns {boolean} whether the runtime took it: an object has at most 32,768
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
 * @param {string} text
 * @returns {boolean} whether it was taken: a socket that is closing takes nothing, and its end is on the way
 */
export function send(socket, text) {
  try {
    socket.send(text);
    return true;
  } catch {
    return false;
  }
}
