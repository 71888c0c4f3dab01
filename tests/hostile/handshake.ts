/** The requests of attackers, as text, and their outcomes in a few words. */

import { randomInt } from "node:crypto";
import { HANDSHAKE } from "../support/raw.ts";
import type { HttpAnswer, ServerFrame } from "./received.ts";
import { type Address, onWire, type Wire } from "./wire.ts";

const SWITCHING_PROTOCOLS = 101;
const OPCODE_CLOSE = 0x8;

export const HUNG_UP = "hung up";
export const SILENCE = "silence";
export const HEALTHY = "healthy";
/**
 * What attackers broadcast into their own room: to nobody, so that their sockets only get frames about themselves,
 * and ephemeral, because here all rooms wait for the same disk.
 */
export const EVENT = '{"eventType":"HOSTILE","userIds":["nobody"],"ephemeral":true}';

/** Lines of a header. */
export type Lines = readonly string[];

/** A request with these lines, and `Content-Length` if there is a body. */
export function request(firstLine: string, lines: Lines = [], body = ""): string {
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return `${[`${firstLine} HTTP/1.1`, "Host: x", ...lines, ...length, "", ""].join("\r\n")}${body}`;
}

/** A WebSocket handshake for this path and query. Without `from` it comes from an arbitrary address. */
export function handshake(target: string, lines: Lines = [], from = someAddress()): string {
  const needed = Object.entries(HANDSHAKE).map(([name, value]) => `${name}: ${value}`);
  return request(`GET ${target}`, [...needed, `CF-Connecting-IP: ${from}`, ...lines]);
}

/** The header that Cloudflare sets, so that a limit on one address only affects the attacks that are about it. */
function someAddress(): string {
  return ["10", randomInt(256), randomInt(256), randomInt(256)].join(".");
}

/** A broadcast with credentials: the secret, a token, or none. */
export function broadcast(target: string, bearer: string | undefined, lines: Lines = []): string {
  const authorization = bearer === undefined ? [] : [`Authorization: Bearer ${bearer}`];
  return request(`POST ${target}`, [...authorization, ...lines], EVENT);
}

/** Sends this on a new connection, and returns the outcome. */
export function outcomeOf(address: Address, bytes: string): Promise<string> {
  return onWire(address, (wire) => {
    wire.write(bytes);
    return nextOutcome(wire);
  });
}

/** The same for bytes that may be several requests: the outcome of each, up to the request for the server's health. */
export function outcomesOf(address: Address, bytes: string): Promise<string> {
  return onWire(address, async (wire) => {
    wire.write(bytes);
    const outcomes: string[] = [];
    do outcomes.push(await nextOutcome(wire));
    while (/^(200|401 unauthorized)$/.test(outcomes.at(-1) ?? ""));
    return outcomes.join(", ");
  });
}

/** The server's next answer: `401 unauthorized`, `CONNECTED`, `closed 4100`, `hung up`. */
export async function nextOutcome(wire: Wire): Promise<string> {
  const answer = await wire.until((received) => received.takeAnswer());
  if (answer === undefined) return HUNG_UP;
  return answer.status === SWITCHING_PROTOCOLS ? nextFrame(wire) : inWords(answer);
}

/** What the server has answered so far to an unfinished request. */
export async function outcomeSoFar(wire: Wire): Promise<string> {
  return wire.hasEnded || wire.received.length > 0 ? nextOutcome(wire) : SILENCE;
}

/** What the server sends next on a socket. */
export async function nextFrame(wire: Wire): Promise<string> {
  const frame = await wire.until((received) => received.takeFrame());
  return frame === undefined ? HUNG_UP : frameInWords(frame);
}

function inWords({ status, body }: HttpAnswer): string {
  if (status === 200) return body.startsWith('{"status":"ok"') ? HEALTHY : "200";
  const code = /"code":"(\w+)"/.exec(body)?.[1];
  return `${status} ${code ?? "of the runtime"}`;
}

function frameInWords({ opcode, payload }: ServerFrame): string {
  if (opcode === OPCODE_CLOSE)
    return payload.length < 2 ? "closed" : `closed ${payload.readUInt16BE(0)}`;
  if (opcode !== 1) return `opcode ${opcode}`;
  const { type, payload: said } = JSON.parse(payload.toString());
  if (type === "CONNECTED") return connectedInWords(said);
  return type === "ERROR" ? `ERROR ${said.code}` : type;
}

/** With the users seen there: none, as attackers only listen in their own room. */
function connectedInWords({ projectId, users }: Connected): string {
  const seen = users.map(({ userId }) => ` with ${userId}`);
  return `CONNECTED to ${projectId}${seen.join("")}`;
}

interface Connected {
  projectId: string;
  users: { userId: string }[];
}
