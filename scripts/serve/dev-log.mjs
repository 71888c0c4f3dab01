/** The lines that the Worker logs, for people: `06:42:42 demo ← TASK_CREATED #2 to 2`. */

/** wrangler marks a warning and an error. */
const LINE = /^(?:\S+ \[(?:WARNING|ERROR)\] )?(\{"level".*\})$/;

/** @typedef {Record<string, any>} Line */

/** What a line says after the time and the project, by event. @type {Record<string, (line: Line) => string>} */
const SAY = {
  connect: ({ userId, connectionId, connections, recovered, replayed }) =>
    `+ ${userId ?? connectionId}, ${connections} connected${recovered ? `, caught up with ${replayed}` : ""}`,
  leave: ({ userId, connectionId, code, connections }) =>
    `- ${userId ?? connectionId} (${code}), ${connections} connected`,
  broadcast: (line) => `← ${line.events === undefined ? event(line) : events(line)}`,
  removal: ({ userId, refusedUntil }) =>
    `✗ ${userId} removed${refusedUntil ? ` until ${clock(new Date(refusedUntil))}` : ""}`,
  revocation: ({ userId, tokenId }) => `✗ tokens revoked: ${userId ?? tokenId ?? "all up to now"}`,
  refusal: ({ code }) => `✗ ${code}`,
  failure: ({ action, message }) => `✗ ${action} failed: ${message}`,
};

/**
 * A line of the Worker's log in readable form; undefined if it is something else.
 * @param {string} text
 * @param {Date} now
 * @returns {string | undefined}
 */
export function inWords(text, now) {
  const line = parsed(text);
  const say = Object.hasOwn(SAY, line?.event) ? SAY[line?.event] : undefined;
  return line && say && `${clock(now)} ${line.projectId ?? "server"} ${say(line)}`;
}

/** The local time. @param {Date} time */
export function clock(time) {
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** @param {Line} line */
function event({ eventType, seq, recipients, excluded, duplicate }) {
  const number = seq === null ? "" : ` #${seq}`;
  const without = excluded > 0 ? `, ${excluded} left out` : "";
  return `${eventType}${number} to ${recipients}${without}${repeat(duplicate)}`;
}

/** @param {Line} line */
function events({ events, seq, deliveries, duplicate }) {
  const numbers = seq === null ? "" : ` #${seq}`;
  return `${events} events${numbers}, ${deliveries} deliveries${repeat(duplicate)}`;
}

/** @param {boolean} [duplicate] */
function repeat(duplicate) {
  return duplicate ? ", a repeat" : "";
}

/** @param {string} text @returns {Line | undefined} */
function parsed(text) {
  const [, json] = LINE.exec(text) ?? [];
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    // It only looks like a log line: it is shown unchanged.
    return undefined;
  }
}
