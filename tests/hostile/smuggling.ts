/**
 * Requests that pretend to come from the gate, with its internal headers, and requests whose end two parsers could
 * see in different places.
 */

import { SECRET } from "../support/target.ts";
import { type Attack, type Form, type Ground, ownToken, publishToken } from "./attack.ts";
import {
  broadcast,
  EVENT,
  HUNG_UP,
  handshake,
  type Lines,
  outcomeOf,
  outcomesOf,
  request,
} from "./handshake.ts";

const BAD_REQUEST = "400 of the runtime";
const CHUNKED = "Transfer-Encoding: chunked";
const CHUNKS = `${EVENT.length.toString(16)}\r\n${EVENT}\r\n0\r\n\r\n`;

/** What the gate says about a user whom it lets in, and about one to be removed. */
const admission = "_pk=1&userId=person-0&userName=Eve&expiresAt=9999999999999&issuedAt=0";
const removal = "userId=person-0&refuseMs=1000";

/** The names as they are, in an unusual spelling, and twice. */
const SPELLINGS: Record<string, Lines> = {
  "as the gate writes them": [
    `x-validiant-admission: ${admission}`,
    `x-validiant-removal: ${removal}`,
  ],
  "in capitals": [`X-VALIDIANT-ADMISSION: ${admission}`, `X-VALIDIANT-REMOVAL: ${removal}`],
  doubled: Array(2)
    .fill([`X-Validiant-Admission: ${admission}`, `X-Validiant-Removal: ${removal}`])
    .flat(),
};

export function smuggling(ground: Ground): Attack {
  const forms = [
    ...Object.entries(SPELLINGS).flatMap(([how, lines]) => headers(ground, how, lines)),
    ...framings(ground),
  ];
  return { perSecond: 250, atOnce: 2, forms };
}

/** The internal headers on every kind of request. */
function headers(ground: Ground, how: string, lines: Lines): Form[] {
  const [own, victim] = [`/party/${ground.own}`, `/party/${ground.victim}`];
  const form = (what: string, expected: string, bytes: string): Form => ({
    name: `${what}, the headers ${how}`,
    expected,
    attempt: () => outcomeOf(ground, bytes),
  });
  const third = publishToken(ground);
  const asked = [
    ...lines,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
  ];
  return [
    form("a connect without a token", "closed 4100", handshake(victim, lines)),
    form(
      "a connect elsewhere",
      "closed 4001",
      handshake(`${victim}?token=${ownToken(ground)}`, lines),
    ),
    form(
      "a connect as oneself",
      `CONNECTED to ${ground.own}`,
      handshake(`${own}?token=${ownToken(ground)}`, lines),
    ),
    form(
      "a connect as another",
      "closed 4001",
      handshake(`${own}?token=${ownToken(ground)}&userId=person-0`, lines),
    ),
    form("a state", "401 unauthorized", request(`GET ${victim}`, lines)),
    form("a removal", "401 unauthorized", request(`DELETE ${victim}/users/person-0`, lines)),
    form("a broadcast without a secret", "401 unauthorized", broadcast(victim, undefined, lines)),
    form("a broadcast elsewhere", "403 forbidden", broadcast(victim, third, lines)),
    form(
      "a broadcast elsewhere that asks for a socket",
      "403 forbidden",
      broadcast(victim, third, asked),
    ),
    form("a broadcast of one's own", "200", broadcast(own, third, lines)),
    form("a broadcast of a backend", "200", broadcast(own, SECRET, lines)),
    form("a broadcast of a backend that asks for a socket", "200", broadcast(own, SECRET, asked)),
  ];
}

/**
 * Bodies that could be taken for a request: one that the victim would receive, and count. A request for the server's
 * health comes last: it shows that nothing else was answered.
 */
function framings(ground: Ground): Form[] {
  const own = `/party/${ground.own}`;
  const hidden = request(
    `POST /party/${ground.victim}`,
    [`Authorization: Bearer ${SECRET}`],
    '{"eventType":"HIDDEN"}',
  );
  const form = (name: string, expected: string, bytes: string): Form => ({
    name,
    expected,
    attempt: () => outcomesOf(ground, `${bytes}${request("GET /health")}`),
  });
  const framed = (name: string, expected: string, lines: Lines, body: string) =>
    form(
      name,
      expected,
      request(`POST ${own}`, [`Authorization: Bearer ${SECRET}`, ...lines]) + body,
    );
  const length = (value: string | number) => `Content-Length: ${value}`;
  const nobodys = (firstLine: string, lines: Lines, body: string) =>
    request(firstLine, lines) + body;
  const chunkOf = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  return [
    framed("a length and chunks", `200, ${HUNG_UP}`, [length(5), CHUNKED], CHUNKS + hidden),
    framed("chunks and a length", `200, ${HUNG_UP}`, [CHUNKED, length(5)], CHUNKS + hidden),
    ...[
      ["Transfer-Encoding: identity"],
      ["Transfer-Encoding: xchunked"],
      [CHUNKED, "Transfer-Encoding: identity"],
      ["Transfer-Encoding : chunked"],
      [length(EVENT.length), length(0)],
      [length(`${EVENT.length}, ${EVENT.length}`)],
      [length(`+${EVENT.length}`)],
      [length(-1)],
      [length("0x17")],
      [length("18446744073709551639")],
      ["X-Header: x", ` ${length(0)}`],
      ["X-Header: x\rContent-Length: 0"],
      ["X-Header: x\0"],
    ].map((lines) => framed(JSON.stringify(lines), BAD_REQUEST, lines, EVENT + hidden)),
    framed("lines that end with LF only", "200, healthy", [`X: x\n${length(EVENT.length)}`], EVENT),
    form(
      "an internal header behind a bare LF",
      "401 unauthorized, healthy",
      request(`GET ${own}`, [`X: x\nx-validiant-admission: ${admission}`]),
    ),
    form(
      "a request in a body",
      "401 unauthorized, healthy",
      nobodys(`POST ${own}`, [length(hidden.length)], hidden),
    ),
    form(
      "a request in a chunk",
      "401 unauthorized, healthy",
      nobodys(`POST ${own}`, [CHUNKED], chunkOf(hidden)),
    ),
    form(
      "a request in the body of a GET",
      "401 unauthorized, healthy",
      nobodys(`GET ${own}`, [length(hidden.length)], hidden),
    ),
    form("a request behind a handshake", "closed 4100", handshake(own) + hidden),
  ];
}
