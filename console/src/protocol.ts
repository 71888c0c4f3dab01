/** The parts of the server's frames that the console reads. */

/** One event, or a frame of the server's own. */
export interface Frame {
  readonly type: string;
  readonly payload: unknown;
  readonly seq?: number;
  /** When the server made it, by its clock. The runtime's own PONG has none. */
  readonly timestamp?: number;
}

/** Types that only the server sends. */
const OWN = new Set(["CONNECTED", "PRESENCE", "PONG", "AUTH_OK"]);

export type Family = "event" | "presence" | "server" | "error";

/** The kind of frame, which decides its colour. */
export function familyOf(type: string): Family {
  if (type === "ERROR") return "error";
  if (type === "USER_JOINED" || type === "USER_LEFT") return "presence";
  return OWN.has(type) ? "server" : "event";
}
