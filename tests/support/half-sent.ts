/** A broadcast that the server has started to read and can't finish yet. */

import { request } from "node:http";
import { text } from "node:stream/consumers";
import { within } from "./inbox.ts";
import { type Room, SECRET } from "./target.ts";

export interface HalfSent {
  /** Sends the rest; answers the reply. */
  finish(): Promise<Response>;
}

/** Sends the first half of a broadcast's body, with its length in the header or in chunks. */
export async function halfSent(
  room: Room,
  eventType: string,
  form: "of known length" | "in chunks",
): Promise<HalfSent> {
  const body = JSON.stringify({ eventType });
  const headers: Record<string, string> = { Authorization: `Bearer ${SECRET}` };
  if (form === "of known length") headers["Content-Length"] = `${body.length}`;
  const outgoing = request(room.url, { method: "POST", headers });
  const reply = new Promise<Response>((resolve, reject) => {
    outgoing.once("error", reject);
    outgoing.once("response", async (response) => {
      const { statusCode: status = 0, headers } = response;
      resolve(new Response(await text(response), { status, headers: headers as HeadersInit }));
    });
  });
  await new Promise((sent) => outgoing.write(body.slice(0, 5), sent));
  // The request is under way when a later one to the same room has been answered.
  await room.state();
  const finish = () => {
    outgoing.end(body.slice(5));
    return within(reply, "the answer to a broadcast");
  };
  return { finish };
}
