/** The parts of the server's frames that the console reads. */

/** One event, or a frame of the server's own. */
export interface Frame {
  readonly type: string;
  readonly payload: unknown;
  readonly seq?: number;
  /** When the server made it, by its clock. The runtime's own PONG has none. */
  readonly timestamp?: number;
  /** Who sent it, if it was another client (P11). */
  readonly from?: { readonly userId: string | null; readonly connectionId: string };
}

/** Types that only the server sends. */
const OWN = new Set(["CONNECTED", "PRESENCE", "PONG", "AUTH_OK", "KEY_EPOCH"]);

/** Who comes, goes or changes. */
const PRESENCE = new Set(["USER_JOINED", "USER_LEFT", "USER_UPDATED"]);

export type Family = "event" | "client" | "presence" | "server" | "error";

/** The kind of frame, which decides its colour. */
export function familyOf(type: string): Family {
  if (type === "ERROR") return "error";
  if (type.startsWith("client-")) return "client";
  if (PRESENCE.has(type)) return "presence";
  return OWN.has(type) ? "server" : "event";
}
