/** Client events of twenty clients in one room, at twice the rate of a socket and of the room (P10.3, P11.5). */

import { setTimeout as pause } from "node:timers/promises";
import { Client } from "../support/client.ts";
import type { Attack, Ground } from "./attack.ts";
import { sharedToken } from "./attack.ts";

/** At the beginning. */
const AT_ONCE = 3;
/** Then a client sends twice as many as it may, for so long. */
const STAYS_MS = 1_000;
const EVERY_MS = 25;

/** What comes of an attacker who sends too much. */
export const REFUSED = "ERROR rate_limited";
/** The first ones come before there is too much. */
const NOT_REFUSED = "heard by all";

const MESSAGE = JSON.stringify({
  type: "SEND",
  eventType: "client-pointer",
  payload: { at: "board", points: [[16, 0.25, 0.75]] },
});
const SEVERAL = `[${Array(AT_ONCE).fill(MESSAGE).join()}]`;

export function chatter(ground: Ground): Attack {
  const url = `http://${ground.host}:${ground.port}/party/${ground.shared}`;
  const attempt = async () => {
    const client = new Client(`${url}?token=${sharedToken(ground)}`);
    await client.next("CONNECTED");
    client.send(SEVERAL);
    for (let waited = 0; waited < STAYS_MS; waited += EVERY_MS) {
      await pause(EVERY_MS);
      client.send(MESSAGE);
    }
    const refused = client.frames.filter(({ type }) => type === "ERROR");
    client.socket.terminate();
    return refused.length > 0 ? `ERROR ${refused[0]?.payload.code}` : NOT_REFUSED;
  };
  return {
    perSecond: 20,
    atOnce: 20,
    forms: [{ name: "a flood of client events", expected: [REFUSED, NOT_REFUSED], attempt }],
  };
}
