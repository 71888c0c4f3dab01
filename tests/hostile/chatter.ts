/** Client events in bursts, from many sockets at once: far more than a room passes on (P11.5). */

import { setTimeout as pause } from "node:timers/promises";
import { Client } from "../support/client.ts";
import type { Attack, Ground } from "./attack.ts";
import { sharedToken } from "./attack.ts";

/** As many as a socket may send at once. */
const BURST = 40;
/** For how long a client then goes on, at twice the rate that it may. */
const STAYS_MS = 1_000;
const EVERY_MS = 25;

const MESSAGE = JSON.stringify({
  type: "SEND",
  eventType: "client-pointer",
  payload: { at: "board", points: [[16, 0.25, 0.75]] },
});
const BURST_OF_MESSAGES = `[${Array(BURST).fill(MESSAGE).join()}]`;

export function chatter(ground: Ground): Attack {
  const url = `http://${ground.host}:${ground.port}/party/${ground.shared}`;
  const attempt = async () => {
    const client = new Client(`${url}?token=${sharedToken(ground)}`);
    await client.next("CONNECTED");
    client.send(BURST_OF_MESSAGES);
    for (let waited = 0; waited < STAYS_MS; waited += EVERY_MS) {
      await pause(EVERY_MS);
      client.send(MESSAGE);
    }
    const { payload } = await client.next("ERROR");
    client.socket.terminate();
    return `ERROR ${payload.code}`;
  };
  return {
    perSecond: 40,
    atOnce: 40,
    forms: [{ name: "a flood of client events", expected: "ERROR rate_limited", attempt }],
  };
}
