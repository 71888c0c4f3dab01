/** A room in which clients may talk to each other, as fake sockets say it. */

import type { EventSender, OnlineUser, PresenceData } from "../../src/index.ts";
import type { FakeSocket } from "./fake-socket.ts";

/** A user as the server names them; those whose names come later in the alphabet came later. */
export const user = (userId: string): OnlineUser => ({
  userId,
  userName: userId[0]?.toUpperCase() + userId.slice(1),
  joinedAt: userId.charCodeAt(0),
  verified: true,
});

/** What a connection says about its user. The id of the connection is the user's with a `1`. */
export const dataOf = (userId: string, data: PresenceData | null) => [
  { connectionId: `${userId}1`, data },
];

/** A user who is at a place. */
export const userAt = (userId: string, at: string, more: PresenceData = {}) => ({
  ...user(userId),
  data: dataOf(userId, { at, ...more }),
});

/** What the server says to ann when these users are in the room beside her. */
export const roomWith = (...others: { userId: string }[]) => ({
  connectionId: "ann1",
  clientEvents: true,
  limits: { clientFrameBytes: 16_384, presenceDataBytes: 2_048, clientMessagesPerSecond: 20 },
  users: [user("ann"), ...others],
  activeUsers: 1 + others.length,
});

/** A frame about a user. */
export const told = (type: "USER_JOINED" | "USER_UPDATED" | "USER_LEFT", about: object) => ({
  type,
  payload: { ...about, projectId: "p1" },
  timestamp: Date.now(),
});

/** A client event from the first connection of this user, or from this sender. */
export function sentBy(sender: string | EventSender, type: string, payload: unknown) {
  const from = typeof sender === "string" ? { userId: sender, connectionId: `${sender}1` } : sender;
  return { type, payload, from, timestamp: Date.now() };
}

/** A message that the client has sent. */
export interface SentMessage {
  type: string;
  eventType?: string;
  payload?: unknown;
  userIds?: string[];
  patch?: Record<string, unknown>;
}

/** The client events of this type that the client has sent, the oldest first. */
export const sentEvents = ({ sent }: FakeSocket, eventType: string) =>
  (sent.flat() as SentMessage[]).filter((message) => message.eventType === eventType);

/** The patches of presence data that the client has sent. */
export const sentPatches = ({ sent }: FakeSocket) =>
  (sent.flat() as SentMessage[]).flatMap(({ patch }) => patch ?? []);
