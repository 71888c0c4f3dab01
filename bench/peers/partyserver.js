/**
 * The bench's other yardstick: the same job on partyserver in its hibernation mode, following its documentation.
 */

import { routePartykitRequest, Server } from "partyserver";

/** In a larger room joins and leaves are not announced: that would be a million frames among a thousand users. */
const PRESENCE_EVENTS_MAX = 100;
const CORS = { "Access-Control-Allow-Origin": "*" };

export default {
  /** @param {Request} request */
  async fetch(request, env) {
    return (
      (await routePartykitRequest(request, env, {
        onBeforeRequest(asked) {
          const isAuthorized =
            asked.headers.get("Authorization") === `Bearer ${env.BROADCAST_SECRET}`;
          if (!isAuthorized) return Response.json({ success: false }, { status: 401 });
        },
      })) ?? new Response("Not found", { status: 404 })
    );
  },
};

export class Main extends Server {
  static options = { hibernate: true };

  onStart() {
    this.count = this.ctx.getWebSockets().length;
  }

  onConnect(connection, { request }) {
    const query = new URL(request.url).searchParams;
    const userId = query.get("userId");
    const userName = query.get("userName");
    connection.setState({ userId, userName });
    const payload = { projectId: this.name, connectionId: connection.id };
    connection.send(frameOf("CONNECTED", payload));
    this.count += 1;
    if (userId === null || this.count > PRESENCE_EVENTS_MAX) return;
    const joined = { userId, userName, projectId: this.name };
    this.broadcast(frameOf("USER_JOINED", joined), [connection.id]);
  }

  onClose(connection) {
    const { userId, userName } = connection.state ?? {};
    this.count -= 1;
    if (!userId || this.count > PRESENCE_EVENTS_MAX) return;
    const left = { userId, userName, projectId: this.name };
    this.broadcast(frameOf("USER_LEFT", left), [connection.id]);
  }

  async onRequest(request) {
    const { eventType, payload, excludeUserId } = await request.json();
    const without = [];
    if (excludeUserId) {
      for (const connection of this.getConnections()) {
        if (connection.state?.userId === excludeUserId) without.push(connection.id);
      }
    }
    this.broadcast(frameOf(eventType, payload), without);
    return Response.json({ success: true, message: "Broadcast sent" }, { headers: CORS });
  }
}

function frameOf(type, payload) {
  return JSON.stringify({ type, payload, timestamp: Date.now() });
}
