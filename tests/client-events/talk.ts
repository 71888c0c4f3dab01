/** What the tests of client events share. */

import { type Client, within } from "../support/client.ts";
import type { Frame } from "../support/inbox.ts";
import type { Room } from "../support/target.ts";

/** Variables of a server whose clients may talk to each other, without a limit that a test could reach. */
export const TALKING = {
  CLIENT_EVENTS: "on",
  CLIENT_MESSAGES_PER_SECOND: "1000",
  CLIENT_MESSAGE_BURST: "10000",
  CLIENT_DELIVERIES_PER_SECOND: "1000000",
  CLIENT_DELIVERY_BURST: "1000000",
};

/** An event of a client, as the others get it. */
export interface ClientEventFrame extends Frame {
  from: { userId: string | null; connectionId: string };
}

/** A message that sends an event. */
export const sends = (eventType: string, more: Record<string, unknown> = {}) => ({
  type: "SEND",
  eventType,
  ...more,
});

/** The events of clients that a client has got so far. */
export function heard(client: Client): ClientEventFrame[] {
  return client.frames.filter(({ type }) => type.startsWith("client-")) as ClientEventFrame[];
}

/** The types of these. */
export const typesHeard = (client: Client): string[] => heard(client).map(({ type }) => type);

/** Waits until the server has done everything that a client sent. Returns the code of each refusal meanwhile. */
export async function done(client: Client): Promise<string[]> {
  client.send({ type: "PING", asked: true });
  const before = await within(client.until("PONG"), "the answer to a ping");
  return before.filter(({ type }) => type === "ERROR").map(({ payload }) => payload.code);
}

/** The same, and until what it said has reached the others too: all that a client gets comes in order. */
export async function settled(sender: Client, ...others: Client[]): Promise<string[]> {
  const refusals = await done(sender);
  await Promise.all(others.map((other) => done(other)));
  return refusals;
}

/** Joins, and reads `CONNECTED`. */
export async function join(room: Room, query: Record<string, string>): Promise<Client> {
  const client = await room.join(query);
  await client.next("CONNECTED");
  return client;
}
