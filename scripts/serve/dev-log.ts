/** The lines that the Worker logs, for people: `06:42:42 demo ← TASK_CREATED #2 to 2`. */

/** wrangler marks a warning and an error. */
const LINE = /^(?:\S+ \[(?:WARNING|ERROR)\] )?(\{"level".*\})$/;

// biome-ignore lint/suspicious/noExplicitAny: each event has its own fields.
type Line = Record<string, any>;

/** What a line says after the time and the project, by event. */
const SAY: Record<string, (line: Line) => string> = {
  connect: ({ userId, connectionId, connections, recovered, replayed }) =>
    `+ ${userId ?? connectionId}, ${connections} connected${recovered ? `, caught up with ${replayed}` : ""}`,
  leave: ({ userId, connectionId, code, connections }) =>
    `- ${userId ?? connectionId} (${code}), ${connections} connected`,
  broadcast: ({ events, eventType, seq, recipients, deliveries, excluded, duplicate }) => {
    const number = seq === null ? "" : ` #${seq}`;
    const one = `${eventType}${number} to ${recipients}${excluded > 0 ? `, ${excluded} left out` : ""}`;
    const many = `${events} events${number}, ${deliveries} deliveries`;
    return `← ${events === undefined ? one : many}${duplicate ? ", a repeat" : ""}`;
  },
  removal: ({ userId, refusedUntil }) =>
    `✗ ${userId} removed${refusedUntil ? ` until ${clock(new Date(refusedUntil))}` : ""}`,
  revocation: ({ userId, tokenId }) => `✗ tokens revoked: ${userId ?? tokenId ?? "all up to now"}`,
  refusal: ({ code }) => `✗ ${code}`,
  failure: ({ action, message }) => `✗ ${action} failed: ${message}`,
};

/** A line of the Worker's log in readable form; undefined if it is something else. */
export function inWords(text: string, now: Date): string | undefined {
  const line = parsed(LINE.exec(text)?.[1] ?? "{}");
  const say = Object.hasOwn(SAY, line.event) ? SAY[line.event] : undefined;
  return say && `${clock(now)} ${line.projectId ?? "server"} ${say(line)}`;
}

/** The local time. */
export function clock(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

function parsed(json: string): Line {
  try {
    return JSON.parse(json);
  } catch {
    // It only looks like a log line: it is shown unchanged.
    return {};
  }
}
