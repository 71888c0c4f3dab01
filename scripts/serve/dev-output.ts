/**
 * Turns what `wrangler dev` prints into what a developer wants to read. A line that the Worker logs becomes
 * `06:42:42 demo ← TASK_CREATED #2 to 2`.
 */

import { stripVTControlCharacters } from "node:util";

const NOISE = [
  /^\[custom build\] Running:/,
  /^\[custom build\] .*, unchanged$/,
  /^Using secrets defined in/,
  /^Your Worker has access to the following bindings/,
  /^Binding\s+Resource\s+Mode/,
  /^env\./,
  /^\[wrangler:info\] ✨ Parsed \d+ valid header rule/u,
  /^⎔ (Starting|Reloading) local server/,
  /^🪵/u,
  // Requests for which the Worker logs its own line. Reading a room's state changes nothing.
  /^\[wrangler:info\] (?:GET \S+ (?:101|4)|(?:POST|DELETE) \S*\/parties\/\S+ [24])/,
  // The console asks every ten seconds.
  /^\[wrangler:info\] GET \S*\/health 200 /,
];
const PREFIX = /\[(?:custom build|wrangler:\w+)\](\S*) ?/;
const REQUEST = /^\[wrangler:info\] (?=[A-Z]+ \/\S* \d{3} )/;
const READY = /^\[wrangler:info\] Ready on (\S+)/;

/**
 * Makes a function that takes lines one after the other and returns each as it should be shown, if at all. `onReady` is
 * called when the server answers.
 */
export function devOutput(onReady: (url: string) => void, now = () => new Date()) {
  return (line: string): string | undefined => {
    const plain = stripVTControlCharacters(line).trim();
    const url = READY.exec(plain)?.[1];
    if (url) return void onReady(url);
    if (NOISE.some((noise) => noise.test(plain))) return undefined;
    const said = inWords(plain, now());
    if (said !== undefined) return said;
    if (REQUEST.test(plain)) return `${clock(now())} ${plain.replace(REQUEST, "")}`;
    const text = line.replace(PREFIX, "$1");
    return stripVTControlCharacters(text).trim() === "" ? undefined : text;
  };
}

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
  removal: ({ userId, refusedUntil, minKeyEpoch }) => {
    const until = refusedUntil ? ` until ${clock(new Date(refusedUntil))}` : "";
    return `✗ ${userId} removed${until}${minKeyEpoch ? `, oldest key epoch ${minKeyEpoch}` : ""}`;
  },
  key_epoch: ({ minKeyEpoch }) => `✗ oldest key epoch ${minKeyEpoch}`,
  revocation: ({ userId, tokenId }) => `✗ tokens revoked: ${userId ?? tokenId ?? "all up to now"}`,
  refusal: ({ code }) => `✗ ${code}`,
  failure: ({ action, message }) => `✗ ${action} failed: ${message}`,
};

/** A line of the Worker's log in readable form; undefined if it is something else. */
function inWords(text: string, now: Date): string | undefined {
  const line = parsed(LINE.exec(text)?.[1] ?? "{}");
  const say = Object.hasOwn(SAY, line.event) ? SAY[line.event] : undefined;
  return say && `${clock(now)} ${line.projectId ?? "server"} ${say(line)}`;
}

/** The local time. */
function clock(time: Date): string {
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
