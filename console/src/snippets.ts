/** The commands and the code for what is on the screen. They never contain a secret. */

import { type Call, roomPath } from "./broadcast.ts";
import type { Identity } from "./connection.ts";

/** A POSIX shell reads back exactly this text. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The call as a command that can be pasted unchanged. It reads the secret where it runs: from the
 * environment, or on this machine from the project by `npm run -s secret`.
 */
export function curlFor(server: URL, { projectId, body, idempotencyKey }: Call): string {
  const guard = isLocal(server)
    ? ""
    : `: "\${BROADCAST_SECRET:?Set it to the secret of ${server.host}}" && `;
  const secret = isLocal(server) ? LOCAL_SECRET : "$BROADCAST_SECRET";
  const lines = [
    `${guard}curl -X POST ${shellQuote(new URL(roomPath(projectId), server).href)}`,
    `-H "Authorization: Bearer ${secret}"`,
    `-H 'Content-Type: application/json'`,
    idempotencyKey === "" ? "" : `-H ${shellQuote(`Idempotency-Key: ${idempotencyKey}`)}`,
    `--data-raw ${shellQuote(body)}`,
  ];
  return lines.filter((line) => line !== "").join(" \\\n  ");
}

/** Where that command works. */
export function curlNote(server: URL): string {
  return isLocal(server)
    ? "Paste it into a shell in the project's folder: it reads the secret from .dev.vars."
    : "It reads the secret from your shell's variable BROADCAST_SECRET.";
}

const LOCAL_SECRET = `\${BROADCAST_SECRET:-$(npm run -s secret)}`;

function isLocal({ hostname }: URL): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

/** A client that connects as this one does, and misses nothing. */
export function clientFor(server: URL, identity: Identity): string {
  const { projectId, token } = identity;
  const query =
    token === ""
      ? `() => ({ ${queryOf(identity)}since: position }),`
      : "async () => ({ token: await fetchToken(), since: position }), // from your API";
  return `import PartySocket from "partysocket";

let position; // "<epoch>:<seq>" of the newest event handled so far
const socket = new PartySocket({
  host: ${JSON.stringify(server.host)},${protocolOf(server)}${prefixOf(server)}
  party: "main",
  room: ${roomOf(projectId)},
  query: ${query}
});
socket.addEventListener("message", (message) => {
  const { type, payload, seq } = JSON.parse(message.data);
  if (type === "CONNECTED" && !payload.recovered) {
    position = payload.epoch && \`\${payload.epoch}:\${payload.seq}\`;
    // Fetch what is on the screen again: anything may have been missed.
  }
  console.log(type, payload);
  if (seq && position) position = \`\${position.split(":")[0]}:\${seq}\`;
});
`;
}

function queryOf({ userId, userName }: Identity): string {
  const fields = Object.entries({ userId, userName }).filter(([, value]) => value !== "");
  return fields.map(([name, value]) => `${name}: ${JSON.stringify(value)}, `).join("");
}

/** partysocket puts the room into the URL unchanged. */
function roomOf(projectId: string): string {
  const isPlain = encodeURIComponent(projectId) === projectId;
  return isPlain ? JSON.stringify(projectId) : `encodeURIComponent(${JSON.stringify(projectId)})`;
}

/** If the server has a path, partysocket must be told what comes before party and room. */
function prefixOf({ pathname }: URL): string {
  const base = pathname.replace(/^\/|\/$/g, "");
  return base === "" ? "" : `\n  prefix: ${JSON.stringify(`${base}/parties`)},`;
}

/** partysocket uses `ws` for local hosts and `wss` for others. Where that may be wrong, it must be told. */
function protocolOf({ protocol, host }: URL): string {
  const isPlain = protocol === "http:";
  const isRight = isPlain
    ? /^(localhost|127\.0\.0\.1):/.test(host)
    : !/^(\d|\[|localhost)/.test(host);
  return isRight ? "" : `\n  protocol: "${isPlain ? "ws" : "wss"}",`;
}
