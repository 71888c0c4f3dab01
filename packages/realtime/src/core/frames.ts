/** Frames as they come. */

/** A frame as it comes: its type may be any. */
export interface Frame {
  type: string;
  payload: unknown;
  timestamp?: number;
  seq?: number;
}

/** The events in the text of a frame, which has one or, of `frames=batch`, a list. None if it is none of ours. */
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
