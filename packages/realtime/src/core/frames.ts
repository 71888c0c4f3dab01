/** Frames as they arrive. */

/** A frame as it arrives, of any type. */
export interface Frame {
  type: string;
  payload: unknown;
  timestamp?: number;
  seq?: number;
}

/**
 * The events in a frame's text: one, or a list with `frames=batch`. Empty if the text is not one of the
 * server's frames.
 */
export function framesIn(text: unknown): Frame[] {
  try {
    const parsed: unknown = JSON.parse(text as string);
    return (Array.isArray(parsed) ? parsed : [parsed]).filter(isFrame);
  } catch {
    return [];
  }
}

function isFrame(value: unknown): value is Frame {
  return typeof (value as Frame | null)?.type === "string";
}
