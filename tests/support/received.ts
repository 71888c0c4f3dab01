/** How a client is received. */

import type { Client } from "./client.ts";

/** The payload of `CONNECTED`, or the code that the client is closed with. */
// biome-ignore lint/suspicious/noExplicitAny: a payload is any JSON value
export async function received(client: Client): Promise<any> {
  const connected = client.next("CONNECTED").then(({ payload }) => payload);
  connected.catch(() => {});
  return Promise.race([connected, client.closed.then(({ code }) => code)]);
}
