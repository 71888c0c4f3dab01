/**
 * Connections whose other side is gone, or silent. To the server, one that vanishes without a FIN looks
 * like one that has gone silent; without a firewall, that is as close as the test can get.
 */

import { SECRET } from "../support/target.ts";
import { type Attack, type Ground, inRoom } from "./attack.ts";
import { frameOf, TEXT } from "./frames.ts";
import { broadcast, handshake, nextOutcome, outcomeSoFar, SILENCE } from "./handshake.ts";
import { later } from "./later.ts";
import { onWire, type Wire } from "./wire.ts";

const HELD_MS = 800;

export function halfOpen(ground: Ground): Attack {
  const own = `/party/${ground.own}`;
  const alone = (use: (wire: Wire) => Promise<string>) => onWire(ground, use);
  return {
    perSecond: 180,
    atOnce: 300,
    forms: [
      {
        name: "a connection that says nothing",
        expected: SILENCE,
        attempt: () => alone((wire) => held(wire)),
      },
      {
        name: "half a handshake",
        expected: SILENCE,
        attempt: () => alone((wire) => held(wire, handshake(own).slice(0, 60))),
      },
      {
        name: "half a body",
        expected: SILENCE,
        attempt: () => alone((wire) => held(wire, broadcast(own, SECRET).slice(0, -5))),
      },
      {
        name: "half a frame",
        expected: SILENCE,
        attempt: () => inRoom(ground, (wire) => held(wire, frameOf(TEXT, Buffer.of(), 100))),
      },
      {
        name: "a socket that says nothing more",
        expected: SILENCE,
        attempt: () => inRoom(ground, (wire) => held(wire)),
      },
      {
        name: "a request whose sender has shut its side",
        expected: "200",
        attempt: () =>
          alone((wire) => {
            wire.socket.end(broadcast(own, SECRET));
            return nextOutcome(wire);
          }),
      },
    ],
  };
}

/** Keeps the connection for a while, and drops it silently. */
async function held(wire: Wire, bytes: string | Uint8Array = ""): Promise<string> {
  wire.write(bytes);
  await Promise.race([later(HELD_MS), wire.ended]);
  const came = await outcomeSoFar(wire);
  wire.socket.resetAndDestroy();
  return came;
}
