/** What of the server's frames the console looks at. */

/** One event, or something that the server says of itself. */
export interface Frame {
  readonly type: string;
  readonly payload: unknown;
  readonly seq?: number;
  /** When the server made it, by its clock; the runtime's own PONG has none. */
  readonly timestamp?: number;
}

/** Types that only the server sends. */
const OWN = new Set(["CONNECTED", "PRESENCE", "PONG", "AUTH_OK"]);

export type Family = "event" | "presence" | "server" | "error";

/** What sort of frame this is, for the eye. */
export function familyOf(type: string): Family {
  if (type === "ERROR") return "error";
  if (type === "USER_JOINED" || type === "USER_LEFT") return "presence";
  return OWN.has(type) ? "server" : "event";
}
