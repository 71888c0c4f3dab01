/** A broadcast: the body to post, the call, and the answer. */

export interface Draft {
  readonly eventType: string;
  /** JSON as typed: the server passes it on byte for byte. */
  readonly payload: string;
  /** User ids, separated by commas. */
  readonly exclude: string;
  readonly only: string;
  readonly ephemeral: boolean;
}

export interface Call {
  readonly projectId: string;
  readonly body: string;
  readonly idempotencyKey: string;
}

/** The server's answer to one event, to a list of events, or when it refuses. */
export interface Answer {
  readonly success?: boolean;
  readonly recipients?: number;
  readonly excluded?: number;
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly events?: readonly Answer[];
  readonly code?: string;
  readonly error?: string;
  /** The address of the page about the code. */
  readonly docs?: string;
}

export function bodyOf({ eventType, payload, exclude, only, ephemeral }: Draft): string {
  const excluded = idsIn(exclude);
  const [single] = excluded;
  const fields = [
    field("eventType", JSON.stringify(eventType)),
    payload.trim() === "" ? "" : field("payload", payload.trim()),
    excluded.length === 1 ? field("excludeUserId", JSON.stringify(single)) : "",
    excluded.length > 1 ? field("excludeUserIds", JSON.stringify(excluded)) : "",
    idsIn(only).length > 0 ? field("userIds", JSON.stringify(idsIn(only))) : "",
    ephemeral ? field("ephemeral", "true") : "",
  ];
  return `{${fields.filter((text) => text !== "").join(",")}}`;
}

/** A room's path, below the server's own address. */
export function roomPath(projectId: string): string {
  return `parties/main/${encodeURIComponent(projectId)}`;
}

export function answerIn(text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return { error: text };
  }
}

function field(name: string, json: string): string {
  return `${JSON.stringify(name)}:${json}`;
}

function idsIn(text: string): string[] {
  const ids = text.split(",").map((id) => id.trim());
  return ids.filter((id) => id !== "");
}
