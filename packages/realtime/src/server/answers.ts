/** The answers of an API to changes, as `@validiant/realtime/offline` understands them. */

import type { Decision, Row } from "../patch/decide.ts";

/** The `ETag` of a row. */
export function etagOf({ version }: { version: number }): string {
  return `"v${version}"`;
}

/**
 * Whether a request's `If-Match` allows to change this row. Undefined if the request has none.
 */
export function matches(request: Request, row: { version: number }): boolean | undefined {
  const header = request.headers.get("if-match");
  if (header === null) return undefined;
  return header.split(",").some((tag) => ["*", etagOf(row)].includes(tag.trim()));
}

/** 200, with the row and its `ETag`. */
export function rowAnswer(row: Row, status = 200): Response {
  return answer(status, row, { etag: etagOf(row) });
}

/** The answer to a patch that can't be applied. Undefined if it can. */
export function refusalOf(decision: Decision, row: Row): Response | undefined {
  switch (decision.kind) {
    case "apply":
      return undefined;
    case "conflict":
      return conflict(row, decision.fields);
    case "unconditional":
      return preconditionRequired();
    case "invalid":
      return invalidPatch(decision.fields);
  }
}

/** 409: these fields have been changed since. Nothing was applied. */
export function conflict(current: Row, fields: readonly string[]): Response {
  return answer(409, { code: "conflict", current, fields }, { etag: etagOf(current) });
}

/** 412: the row has another version than `If-Match` says. Nothing was applied. */
export function preconditionFailed(current: Row, fields: readonly string[] = []): Response {
  return answer(412, { code: "conflict", current, fields }, { etag: etagOf(current) });
}

/** 428: the request does not say which row it changes: neither `base`, `baseVersion` nor `If-Match`. */
export function preconditionRequired(): Response {
  const message = "Say what you have seen: base or baseVersion, or If-Match.";
  return answer(428, { code: "precondition_required", message });
}

/** 422: this is no patch, or one of fields that can't be changed like this. */
export function invalidPatch(fields: readonly string[] = []): Response {
  return answer(422, { code: "invalid_patch", fields });
}

/** 409: the first request with this key is still in progress. */
export function inProgress(): Response {
  return answer(409, { code: "in_progress" }, { "retry-after": "1" });
}

/** 422: another request had this key. */
export function keyReused(): Response {
  return answer(422, { code: "key_reused" });
}

/** An answer with a JSON body. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}
