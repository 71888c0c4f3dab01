/** Endless heads and bodies. */

import { SECRET } from "../support/target.ts";
import { type Attack, type Form, type Ground, publishToken } from "./attack.ts";
import { HUNG_UP, nextOutcome } from "./handshake.ts";
import { onWire, type Wire } from "./wire.ts";

/** More than the system buffers hold for a sender that nobody reads from. */
const PATIENCE_BYTES = 16 * 1_048_576;
const PIECE_BYTES = 16_384;
/** The answer can get lost if the server hangs up on the rest. */
const REFUSED = ["413 payload_too_large", HUNG_UP];
const TOO_MUCH_HEAD = ["431 of the runtime", HUNG_UP];
const CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";
const LENGTH = "Content-Length: 67108864\r\n\r\n";

export function endlessHttp(ground: Ground): Attack {
  const { own, victim } = ground;
  const post = (project: string) => `POST /party/${project} HTTP/1.1\r\nHost: x\r\n`;
  const bySecret = `${post(own)}Authorization: Bearer ${SECRET}\r\n`;
  const byToken = `${post(own)}Authorization: Bearer ${publishToken(ground)}\r\n`;
  const get = `GET /party/${victim} HTTP/1.1\r\nHost: x\r\n`;
  const form = (name: string, expected: Form["expected"], head: string, more: string): Form => ({
    name,
    expected,
    attempt: () => onWire(ground, (wire) => outcome(wire, head, more)),
  });
  const chunk = `400\r\n${"x".repeat(1_024)}\r\n`;
  const unauthorized = ["401 unauthorized", HUNG_UP];
  return {
    perSecond: 50,
    atOnce: 4,
    forms: [
      form("headers", TOO_MUCH_HEAD, get, "X-Header: x\r\n"),
      form("one header", TOO_MUCH_HEAD, `${get}X-Header: `, "x"),
      form("a URL", TOO_MUCH_HEAD, `GET /party/${victim}?`, "x"),
      form("a method", TOO_MUCH_HEAD, "", "X"),
      form("empty lines", [...TOO_MUCH_HEAD, "400 of the runtime"], "", "\r\n"),
      form("a body of 64 MiB without a secret", unauthorized, post(victim) + LENGTH, "x"),
      form("chunks without a secret", unauthorized, post(victim) + CHUNKED, chunk),
      form("a body of 64 MiB of a backend", REFUSED, bySecret + LENGTH, "x"),
      form("chunks of a backend", REFUSED, bySecret + CHUNKED, chunk),
      form("a body of 64 MiB of a third party", REFUSED, byToken + LENGTH, "x"),
      form("chunks of a third party", REFUSED, byToken + CHUNKED, chunk),
      form(
        "a chunk's extension",
        ["503 room_unavailable", HUNG_UP],
        `${bySecret + CHUNKED}5;x=`,
        "x",
      ),
      form(
        "trailers",
        ["503 room_unavailable", HUNG_UP],
        `${bySecret + CHUNKED}0\r\n`,
        "X-Trailer: x\r\n",
      ),
    ],
  };
}

/** Sends `more` repeatedly until the server answers or hangs up. */
function outcome(wire: Wire, head: string, more: string): Promise<string> {
  const again = Buffer.from(more.repeat(PIECE_BYTES / more.length));
  wire.write(head);
  return wire.sendUntil(nextOutcome(wire), Array<Buffer>(PATIENCE_BYTES / PIECE_BYTES).fill(again));
}
