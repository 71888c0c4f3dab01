/**
 * The bench's yardstick: what a careful JavaScript developer writes by hand for the same job.
 *
 * Same routes, same frames, same checks, members cached in memory; presence without persistence and without a
 * grace period. No library, no framework, and nothing done twice.
 */

import { DurableObject } from "cloudflare:workers";

const RESERVED = new Set(["CONNECTED", "USER_JOINED", "USER_LEFT", "PRESENCE", "PONG", "ERROR"]);
const CORS = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After" };
const PRESENCE_EVENTS_MAX = 100;
const SUMMARY_INTERVAL_MS = 1000;
const encoder = new TextEncoder();

export default {
  /** @param {Request} request */
  async fetch(request, env) {
    const url = new URL(request.url);
    const match = /^\/parties\/main\/([^/]+)\/?$/.exec(url.pathname);
    if (!match) return refusal(404, "not_found");
    const room = env.ROOMS.getByName(decodeURIComponent(match[1]));
    if (request.headers.get("Upgrade") === "websocket") return room.fetch(request);
    if (request.method !== "POST") return refusal(405, "method_not_allowed");
    if (!isAuthorized(request, env)) return refusal(401, "unauthorized");
    if (Number(request.headers.get("Content-Length")) > Number(env.MAX_PAYLOAD_BYTES)) {
      return refusal(413, "payload_too_large");
    }
    return room.fetch(request);
  },
};

function isAuthorized(request, env) {
  const given = encoder.encode(request.headers.get("Authorization") ?? "");
  const wanted = encoder.encode(`Bearer ${env.BROADCAST_SECRET}`);
  return given.length === wanted.length && crypto.subtle.timingSafeEqual(given, wanted);
}

export class ProjectRoom extends DurableObject {
  /** @type {Map<WebSocket, { connectionId: string, userId: string | null, userName: string | null, joinedAt: number }>} */
  members = new Map();
  /** How many sockets each user has. */
  users = new Map();
  summarySentAt = 0;

  constructor(ctx, env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(
      new WebSocketRequestResponsePair('{"type":"PING"}', '{"type":"PONG","payload":{}}'),
    );
    for (const socket of ctx.getWebSockets()) this.add(socket, socket.deserializeAttachment());
  }

  async fetch(request) {
    return request.method === "POST" ? this.publish(await request.text()) : this.connect(request);
  }

  publish(body) {
    let event;
    try {
      event = JSON.parse(body);
    } catch {
      return refusal(400, "invalid_json");
    }
    const { eventType, excludeUserId } = event;
    if (typeof eventType !== "string" || eventType === "" || eventType.length > 64) {
      return refusal(400, "missing_event_type");
    }
    if (RESERVED.has(eventType)) return refusal(400, "reserved_event_type");
    const frame = this.eventFrame(event);
    let recipients = 0;
    let excluded = 0;
    for (const [socket, member] of this.members) {
      if (member.userId !== null && member.userId === excludeUserId) {
        excluded++;
        continue;
      }
      try {
        socket.send(frame);
        recipients++;
      } catch {
        // It is closing.
      }
    }
    return json(200, { success: true, message: "Broadcast sent", recipients, excluded });
  }

  /** javascript-history.js overrides this, and `greet`. */
  eventFrame({ eventType, payload = {} }) {
    return frameOf(eventType, payload);
  }

  connect(request) {
    const url = new URL(request.url);
    const query = url.searchParams;
    const member = {
      connectionId: query.get("_pk") ?? crypto.randomUUID(),
      userId: query.get("userId"),
      userName: query.get("userName"),
      joinedAt: Date.now(),
    };
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment(member);
    const isFirst = this.add(server, member);
    this.greet(server, member, query.get("since"));
    if (member.userId !== null && isFirst) this.announce("USER_JOINED", member);
    return new Response(null, { status: 101, webSocket: client });
  }

  greet(socket, member) {
    socket.send(frameOf("CONNECTED", this.connected(member)));
  }

  connected({ connectionId }) {
    const users = [];
    for (const { userId, userName, joinedAt } of this.members.values()) {
      if (users.length === 100) break;
      if (userId !== null) users.push({ userId, userName, joinedAt });
    }
    return {
      projectId: this.ctx.id.name,
      connectionId,
      activeUsers: this.users.size,
      connections: this.members.size,
      users,
      limits: { clientFrameBytes: 16384 },
      server: "javascript/1",
    };
  }

  webSocketMessage(socket) {
    socket.send(frameOf("ERROR", { code: "client_events_disabled", message: "…" }));
  }

  webSocketClose(socket, code, reason) {
    this.leave(socket);
    try {
      socket.close(code, reason);
    } catch {
      // A code that no close frame may carry.
    }
  }

  webSocketError(socket) {
    this.leave(socket);
  }

  /** Whether this is the first socket of its user. */
  add(socket, member) {
    this.members.set(socket, member);
    if (member.userId === null) return false;
    const sockets = this.users.get(member.userId) ?? 0;
    this.users.set(member.userId, sockets + 1);
    return sockets === 0;
  }

  leave(socket) {
    const member = this.members.get(socket);
    if (!this.members.delete(socket) || member.userId === null) return;
    const sockets = this.users.get(member.userId) - 1;
    if (sockets > 0) return this.users.set(member.userId, sockets);
    this.users.delete(member.userId);
    this.announce("USER_LEFT", member);
  }

  announce(type, { userId, userName }) {
    if (this.users.size > PRESENCE_EVENTS_MAX) return this.summarise();
    const frame = frameOf(type, { userId, userName, projectId: this.ctx.id.name });
    for (const [socket, member] of this.members) if (member.userId !== userId) send(socket, frame);
  }

  summarise() {
    const now = Date.now();
    if (now - this.summarySentAt < SUMMARY_INTERVAL_MS) return;
    this.summarySentAt = now;
    const frame = frameOf("PRESENCE", { activeUsers: this.users.size });
    for (const socket of this.members.keys()) send(socket, frame);
  }
}

function send(socket, frame) {
  try {
    socket.send(frame);
  } catch {
    // It is closing.
  }
}

export function frameOf(type, payload) {
  return JSON.stringify({ type, payload, timestamp: Date.now() });
}

function refusal(status, code) {
  return json(status, { success: false, code, error: code });
}

function json(status, body) {
  return Response.json(body, { status, headers: CORS });
}
