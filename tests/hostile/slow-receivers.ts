/** Sockets that do not read, in a busy room: more than the system buffers can hold. */

import { setTimeout as pause } from "node:timers/promises";
import { SECRET } from "../support/target.ts";
import { type Attack, type Ground, inRoom } from "./attack.ts";
import { nextFrame, nextOutcome, request } from "./handshake.ts";
import { onWire, type Wire } from "./wire.ts";

const SOCKETS = 5;
const EVENTS = 120;
/** The rate that a room accepts by default. */
const BETWEEN_EVENTS_MS = 10;
/** Together 4 MB for each socket. */
const LONG = "x".repeat(32_000);

export function slowReceivers(ground: Ground): Attack {
  const unread = (use: (wires: Wire[]) => Promise<string>) =>
    together(ground, [], async (wires) => {
      for (const { socket } of wires) socket.pause();
      await onWire(ground, (backend) => say(backend, ground.own));
      return use(wires);
    });
  return {
    perSecond: 10,
    atOnce: 1,
    forms: [
      {
        name: "sockets that read late",
        expected: `${SOCKETS} got all`,
        attempt: () =>
          unread(async (wires) => {
            const got = await Promise.all(wires.map(readsAll));
            return `${got.filter(Boolean).length} got all`;
          }),
      },
      {
        name: "sockets that never read, and break",
        expected: "broken",
        attempt: () =>
          unread(async (wires) => {
            for (const wire of wires) wire.socket.resetAndDestroy();
            return "broken";
          }),
      },
    ],
  };
}

/** Does something with several sockets in the attackers' room. */
function together<T>(
  ground: Ground,
  wires: Wire[],
  use: (wires: Wire[]) => Promise<T>,
): Promise<T> {
  if (wires.length === SOCKETS) return use(wires);
  return inRoom(ground, (wire) => together(ground, [...wires, wire], use));
}

/** Broadcasts all events, one after another, as fast as a backend may. */
async function say(backend: Wire, project: string): Promise<void> {
  for (let event = 0; event < EVENTS; event += 1) {
    const body = JSON.stringify({ eventType: `LONG_${event}`, ephemeral: true, payload: LONG });
    backend.write(request(`POST /party/${project}`, [`Authorization: Bearer ${SECRET}`], body));
    const outcome = await nextOutcome(backend);
    await pause(BETWEEN_EVENTS_MS);
    if (outcome !== "200") throw new Error(`a broadcast was answered ${outcome}`);
  }
}

/** Whether all of them have arrived, in order. */
async function readsAll(wire: Wire): Promise<boolean> {
  wire.socket.resume();
  let events = 0;
  while (events < EVENTS && (await nextFrame(wire)) === `LONG_${events}`) events += 1;
  return events === EVENTS;
}
