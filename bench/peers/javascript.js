/**
 * The bench's yardstick: what a careful JavaScript developer writes by hand for the same job.
 *
 * Same routes, same frames, same checks, members cached in memory; presence without persistence and without a
 * grace period. Events of clients if they are switched on. No library, no framework, and nothing done twice.
 */

import { DurableObject } from "cloudflare:workers";

const RESERVED = new Set(["CONNECTED", "USER_JOINED", "USER_LEFT", "PRESENCE", "PONG", "ERROR"]);
const CORS = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After" };
const PRESENCE_EVENTS_MAX = 100;
const SUMMARY_INTERVAL_MS = 1000;
const CLIENT_FRAME_BYTES = 16384;
const CLIENT_EVENT_TYPE = /^client-[\w.:-]{1,57}$/;
const CLIENT_MESSAGES = { limit: "clientMessagesPerSecond", perSecond: 20, burst: 40 };
const CLIENT_DELIVERIES = { limit: "clientDeliveriesPerSecond", perSecond: 10_000, burst: 20_000 };
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
  /** @type {Map<WebSocket, { connectionId: string, userId: string | null, userName: string | null, joinedAt: number, maySend: boolean, messages: Bucket }>} */
  members = new Map();
  /** How many sockets each user has. */
  users = new Map();
  summarySentAt = 0;
  deliveries = new Bucket(CLIENT_DELIVERIES);

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
      // With tokens it would be a permission.
      maySend: this.env.CLIENT_EVENTS === "on",
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
      limits: { clientFrameBytes: CLIENT_FRAME_BYTES },
      server: "javascript/1",
    };
  }

  webSocketMessage(socket, message) {
    const member = this.members.get(socket);
    if (member === undefined) return;
    if (message.length > CLIENT_FRAME_BYTES) return this.shut(socket, 1009);
    const now = Date.now();
    const refusal = member.messages.take(1, now) ?? this.passOn(socket, member, message, now);
    if (refusal) send(socket, frameOf("ERROR", { message: "…", ...refusal }));
  }

  /** Sends an event of a client to the others, or answers why not. */
  passOn(socket, member, message, now) {
    if (typeof message !== "string") return { code: "binary_not_supported" };
    let event;
    try {
      event = JSON.parse(message);
    } catch {
      return { code: "malformed_message" };
    }
    if (event?.type !== "SEND") return { code: "malformed_message" };
    if (this.env.CLIENT_EVENTS !== "on") return { code: "client_events_disabled" };
    if (!member.maySend) return { code: "not_allowed" };
    const { eventType: type, payload = {}, userIds } = event;
    if (typeof type !== "string" || !CLIENT_EVENT_TYPE.test(type)) {
      return { code: "malformed_message" };
    }
    const others = this.others(socket, userIds);
    const refusal = this.deliveries.take(others.length, now);
    if (refusal) return refusal;
    const from = { userId: member.userId, connectionId: member.connectionId };
    const frame = JSON.stringify({ type, payload, from, timestamp: now });
    for (const other of others) send(other, frame);
  }

  /** Every socket but this one, or of these users. */
  others(socket, userIds) {
    const others = [];
    for (const [other, { userId }] of this.members) {
      if (other !== socket && (!userIds || userIds.includes(userId))) others.push(other);
    }
    return others;
  }

  shut(socket, code) {
    this.leave(socket);
    socket.close(code);
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
    this.members.set(socket, { ...member, messages: new Bucket(CLIENT_MESSAGES) });
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

/** What may still be taken at a rate. */
class Bucket {
  constructor({ limit, perSecond, burst }) {
    this.limit = limit;
    this.perMillisecond = perSecond / 1000;
    this.burst = burst;
    this.left = burst;
    this.countedAt = 0;
  }

  /** Takes an amount out, or answers a refusal. */
  take(amount, now) {
    const refilled = this.left + (now - this.countedAt) * this.perMillisecond;
    this.left = Math.min(this.burst, refilled);
    this.countedAt = now;
    if (this.left >= amount) {
      this.left -= amount;
      return;
    }
    const retryAfterMs = Math.ceil((amount - this.left) / this.perMillisecond);
    return { code: "rate_limited", limit: this.limit, retryAfterMs };
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
