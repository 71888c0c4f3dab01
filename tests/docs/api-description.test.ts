/** docs/openapi.yaml against the running server: every operation, every answer that can be brought about. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ERROR_CODES, type ErrorCode } from "../../packages/realtime/src/codes.ts";
import { OpenApi } from "../support/openapi.ts";
import { type Answer, HANDSHAKE, raw } from "../support/raw.ts";
import { NEEDS_OWN_RUNTIME, SECRET, type Server, startOwnServer } from "../support/target.ts";
import { JWT_SECRET, token } from "../support/token.ts";

const api = new OpenApi();
const EVENT = { eventType: "E" };
/** "hi" in the text t: all of its bytes are characters of ASCII. */
const UPDATE = "\x01\x01\x01\x00\x04\x01\x01t\x02hi\x00";

/** Answers that no call here can provoke, and why. */
const OUT_OF_REACH: Record<string, string> = {
  "any 500 internal_error": "a bug of the server",
  "getRoom 429 rate_limited": "needs the platform's rate limiter: wrangler-dev.test.ts",
  "getRoom 503 room_unavailable": "is repeated until the room answers: panic.test.ts",
  "revokeTokens 409 too_many_revocations": "needs 10,000 calls: the core's tests",
  "broadcast 503 storage_failed": "the runtime finds out later, and resets the room: P2.14",
  "deleteDocument 503 room_unavailable": "is repeated until the document answers: panic.test.ts",
  "deleteDocument 503 storage_failed": "the runtime resets the document: the core's tests",
  "eraseRoom 503 storage_failed": "the same as for a broadcast",
  "eraseRoom 503 room_unavailable": "makes room on a full disk",
  "readDocument 503 room_unavailable": "the same as for deleting one",
  "readDocument 503 storage_failed": "the same as for deleting one",
  "raiseKeyEpoch 503 storage_failed": "the same as for a broadcast",
  "raiseKeyEpoch 503 room_unavailable": "the same as for a removal",
  "removeUser 503 storage_failed": "the same as for a broadcast",
  "removeUser 503 room_unavailable": "writes so little that it still fits on a full disk",
  "seedDocument 503 room_unavailable": "the same as for deleting one",
  "seedDocument 503 storage_failed": "the same as for deleting one",
  "revokeTokens 503 storage_failed": "the same as for a broadcast",
  "revokeTokens 503 room_unavailable": "the same as for a removal",
};

/** Answers that were seen, such as `broadcast 400 invalid_json`. */
const seen = new Set<string>();

interface Call {
  server?: Server;
  /** The project, as spelt in the path. */
  project?: string;
  user?: string;
  document?: string;
  query?: string;
  /** A path that no operation has. */
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

describe("openapi.yaml", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer({ vars: { JWT_SECRET } });
  const slow = { PUBLISHES_PER_SECOND: "1", PUBLISH_BURST: "1", DOCUMENT_MAX_BYTES: "65536" };
  const { server: hurried } = await startOwnServer({ vars: slow });
  const { server: unset } = await startOwnServer({ vars: { BROADCAST_SECRET: undefined } });
  const { server: wrong } = await startOwnServer({ vars: { MAX_PAYLOAD_BYTES: "many" } });
  const { server: full } = await startOwnServer({ maxFileBytes: 65_536 });

  /** Makes a call and asserts that the answer is described. Returns its status and code, such as `400 invalid_json`. */
  async function call(id: string, options: Call = {}): Promise<string> {
    const operation = api.operation(id);
    const to = options.server ?? server;
    const answer = await raw(to, targetOf(operation.path, options), {
      method: options.method ?? operation.method.toUpperCase(),
      headers: { Authorization: `Bearer ${SECRET}`, ...options.headers },
      ...(options.body !== undefined && { body: textOf(options.body) }),
    });
    api.check(operation, answer);
    const outcome = `${answer.status} ${codeOf(answer)}`.trim();
    seen.add(`${answer.status in operation.responses ? id : "any"} ${outcome}`);
    return outcome;
  }

  const refused = async (id: string, outcome: string, options: Call = {}) =>
    assert.equal(await call(id, options), outcome);

  const bodyOf = (id: string) => (api.operation(id).method === "post" ? { body: EVENT } : {});

  for (const operation of api.operations)
    for (const [name, { value }] of Object.entries(operation.examples))
      test(`${operation.id} takes the example "${name}"`, async () => {
        assert.ok(api.takes(operation, value));
        assert.equal(await call(operation.id, { body: value }), "200");
      });

  test("requests without a body are answered as described", async () => {
    for (const id of ["getHealth", "getRoom", "removeUser", "eraseRoom"]) await refused(id, "200");
    await refused("removeUser", "200", { query: "for=3600" });
    await refused("removeUser", "200", { query: "minKeyEpoch=8" });
    await refused("eraseRoom", "200", { query: "all=true" });
    await refused("getRoom", "101", { headers: HANDSHAKE });
    for (const { id, method } of api.operations) if (method === "options") await refused(id, "204");
  });

  test("the state of a room with users in it, of tokens and without", async () => {
    const room = server.room();
    const avatar = "https://example.com/ann.png";
    await room.user("ann");
    const { server: strict } = await startOwnServer({
      vars: { JWT_SECRET, CONNECT_AUTH: "jwt", HISTORY_SIZE: "0" },
    });
    const closed = strict.room(room.id);
    await (await closed.join({ token: token({ name: "Ann", avatar }) })).next("CONNECTED");
    for (const to of [server, strict])
      await refused("getRoom", "200", { project: room.id, server: to });
    assert.equal((await closed.state()).users.length, 1);
  });

  test("a repeat, an exclusion and events for some are answered as described", async () => {
    const room = server.room();
    await room.user("ann");
    const project = room.id;
    for (const body of [
      { ...EVENT, id: "k", excludeUserId: "ann", excludeUserIds: ["ben"], payload: null },
      { id: "many", events: [EVENT, { ...EVENT, userIds: ["ann"], ephemeral: true }] },
    ])
      for (const _repeat of [1, 2]) {
        assert.ok(api.takes(api.operation("broadcast"), body));
        await refused("broadcast", "200", { project, body });
      }
    const headers = { "Idempotency-Key": "k" };
    await refused("broadcast", "409 idempotency_conflict", { project, body: EVENT, headers });
    await refused("broadcastToMany", "200", { body: { ...EVENT, projectIds: [project] }, headers });
  });

  test("P2.13 an answer after which projects remain is as described", async () => {
    const projectIds = Array.from({ length: 101 }, (_, n) => `p${n}`);
    const body = { ...EVENT, projectIds };
    assert.ok(api.takes(api.operation("broadcastToMany"), body));
    await refused("broadcastToMany", "200", { body });
  });

  test("a body without an event is refused as described, and the schema does not accept it", async () => {
    const list = { projectIds: ["p"] };
    for (const [code, body] of [
      ["missing_event_type", {}],
      ["reserved_event_type", { eventType: "PONG" }],
      ["invalid_field", { eventType: 7 }],
      ["invalid_field", { ...EVENT, userIds: [] }],
      ["invalid_field", { ...EVENT, id: "x".repeat(65) }],
      ["invalid_field", { ...EVENT, events: [EVENT] }],
      ["invalid_field", { events: [] }],
      ["invalid_field", { events: [{ ...EVENT, id: "k" }] }],
      ["invalid_field", { events: [EVENT], payload: 1 }],
      ["invalid_json", []],
    ] as const)
      for (const [id, whole] of [
        ["broadcast", body],
        ["broadcastToMany", Array.isArray(body) ? body : { ...list, ...body }],
      ] as const) {
        assert.ok(!api.takes(api.operation(id), whole), JSON.stringify(whole));
        await refused(id, `400 ${code}`, { body: whole });
      }
    for (const [code, projectIds] of [
      ["invalid_field", []],
      ["invalid_project_id", ["a/b"]],
    ] as const) {
      const body = { ...EVENT, projectIds };
      assert.ok(!api.takes(api.operation("broadcastToMany"), body));
      await refused("broadcastToMany", `400 ${code}`, { body });
    }
    for (const id of ["broadcast", "broadcastToMany"])
      await refused(id, "400 duplicate_field", { body: '{"eventType":"E","eventType":"E"}' });
  });

  test("a revocation that does not say which tokens is refused as described", async () => {
    for (const [code, body] of [
      ["invalid_json", "[]"],
      ["invalid_field", {}],
      ["invalid_field", { userId: "u1", tokenId: "t1" }],
      ["invalid_field", { userId: "u1", more: 1 }],
      ["invalid_field", { issuedBefore: 1_000 }],
    ] as const) {
      assert.ok(!api.takes(api.operation("revokeTokens"), body));
      await refused("revokeTokens", `400 ${code}`, { body });
    }
  });

  test("a key epoch that is none is refused as described", async () => {
    for (const [code, body] of [
      ["invalid_json", "[]"],
      ["invalid_field", {}],
      ["invalid_field", { minKeyEpoch: 0 }],
      ["invalid_field", { minKeyEpoch: 4_294_967_296 }],
      ["invalid_field", { minKeyEpoch: 8, more: 1 }],
    ] as const) {
      assert.ok(!api.takes(api.operation("raiseKeyEpoch"), body));
      await refused("raiseKeyEpoch", `400 ${code}`, { body });
    }
    await refused("removeUser", "400 invalid_field", { query: "minKeyEpoch=0" });
  });

  test("what an encrypted project does not take is refused as described", async () => {
    const project = server.room().id;
    await refused("raiseKeyEpoch", "200", { project, body: { minKeyEpoch: 8 } });
    await refused("getRoom", "200", { project });
    const sealed = { e2e: 1, k: 7, n: "oKGio6Slpqeoqaqr", c: "HKV1Gdy43_WYsVpJ" };
    const stale = { ...EVENT, payload: sealed };
    await refused("broadcast", "409 stale_key_epoch", { project, body: stale });
    await refused("broadcast", "409 not_encrypted", { project, body: EVENT });
    await refused("broadcast", "200", { project, body: { ...EVENT, plaintext: true } });
    await refused("broadcastToMany", "200", { body: { ...stale, projectIds: [project] } });
  });

  test("ids, a handshake and times that are not valid are refused as described", async () => {
    for (const id of [
      "getRoom",
      "broadcast",
      "eraseRoom",
      "removeUser",
      "revokeTokens",
      "raiseKeyEpoch",
    ])
      await refused(id, "400 invalid_project_id", { project: "%00", ...bodyOf(id) });
    for (const options of [{ user: "%00" }, { query: "for=0" }, { query: "for=31536001" }])
      await refused("removeUser", "400 invalid_removal", options);
    await refused("eraseRoom", "400 invalid_field", { query: "all=1" });
    const headers = { ...HANDSHAKE, "Sec-WebSocket-Version": "8" };
    await refused("getRoom", "400 invalid_handshake", { headers });
  });

  test("a body that is too large is refused as described", async () => {
    const body = "x".repeat(32_769);
    for (const id of ["broadcast", "broadcastToMany", "revokeTokens", "raiseKeyEpoch"])
      await refused(id, "413 payload_too_large", { body });
  });

  test("a body that is compressed is refused as described", async () => {
    const headers = { "Content-Encoding": "gzip" };
    for (const id of ["broadcast", "broadcastToMany", "revokeTokens", "raiseKeyEpoch"])
      await refused(id, "415 unsupported_encoding", { body: EVENT, headers });
  });

  const guarded = ["getRoom", "broadcast", "broadcastToMany"];
  guarded.push("eraseRoom", "removeUser", "revokeTokens", "raiseKeyEpoch");

  for (const id of guarded)
    test(`${id} is refused as described without a secret and without a setting`, async () => {
      const headers = { Authorization: "Bearer wrong" };
      await refused(id, "401 unauthorized", { headers, ...bodyOf(id) });
      await refused(id, "503 not_configured", { server: unset, ...bodyOf(id) });
      await refused(id, "503 misconfigured", { server: wrong, ...bodyOf(id) });
    });

  test("a server without a setting says so", async () => {
    for (const to of [unset, wrong]) await refused("getHealth", "503", { server: to });
  });

  test("a token publishes where it is allowed to", async () => {
    const bearer = (permissions: string[]) => ({
      headers: { Authorization: `Bearer ${token({ permissions })}` },
      body: EVENT,
    });
    await refused("broadcast", "200", bearer(["publish"]));
    await refused("broadcast", "403 forbidden", bearer(["subscribe"]));
  });

  test("a document is seeded, read and deleted as described", async () => {
    const at = { project: server.room().id };
    await refused("readDocument", "404 no_document", at);
    await refused("seedDocument", "201", { ...at, body: UPDATE });
    await refused("seedDocument", "409 document_exists", { ...at, body: UPDATE });
    await refused("readDocument", "200", at);
    await refused("readDocument", "200", { ...at, query: "as=text&name=t" });
    await refused("deleteDocument", "200", at);
    await refused("readDocument", "101", { headers: HANDSHAKE });
  });

  test("a document that is not asked for properly is refused as described", async () => {
    for (const id of ["readDocument", "seedDocument", "deleteDocument"]) {
      const body = id === "seedDocument" ? { body: UPDATE } : {};
      await refused(id, "400 invalid_project_id", { project: "%00", ...body });
      await refused(id, "400 invalid_doc_id", { document: "%00", ...body });
      await refused(id, "401 unauthorized", {
        headers: { Authorization: "Bearer wrong" },
        ...body,
      });
      await refused(id, "503 not_configured", { server: unset, ...body });
      await refused(id, "503 misconfigured", { server: wrong, ...body });
    }
    await refused("readDocument", "400 invalid_field", { query: "as=text" });
    const headers = { ...HANDSHAKE, "Sec-WebSocket-Version": "8" };
    await refused("readDocument", "400 invalid_handshake", { headers });
    await refused("seedDocument", "400 invalid_update", { body: "no update" });
    const large = { server: hurried, body: "x".repeat(65_537) };
    await refused("seedDocument", "413 payload_too_large", large);
    const encoded = { "Content-Encoding": "gzip" };
    await refused("seedDocument", "415 unsupported_encoding", { body: UPDATE, headers: encoded });
  });

  test("a token reads and seeds documents where it is allowed to", async () => {
    const bearer = (permissions: string[]) => ({
      headers: { Authorization: `Bearer ${token({ permissions })}` },
    });
    await refused("readDocument", "404 no_document", bearer(["doc:read"]));
    await refused("readDocument", "403 forbidden", bearer(["publish"]));
    await refused("seedDocument", "201", { ...bearer(["doc:write"]), body: UPDATE });
    await refused("seedDocument", "403 forbidden", { ...bearer(["doc:read"]), body: UPDATE });
    await refused("deleteDocument", "401 unauthorized", bearer(["doc:write"]));
  });

  test("too many events are refused as described", async () => {
    const project = hurried.room().id;
    await refused("broadcast", "200", { server: hurried, project, body: EVENT });
    await refused("broadcast", "429 rate_limited", { server: hurried, project, body: EVENT });
    const body = { ...EVENT, projectIds: [project] };
    await refused("broadcastToMany", "200", { server: hurried, body });
  });

  test("an event that can't be stored is refused as described", async () => {
    const project = full.room().id;
    const body = { ...EVENT, payload: "x".repeat(8_000) };
    let outcome = "200";
    for (let n = 0; outcome === "200" && n < 100; n++)
      outcome = await call("broadcast", { server: full, project, body });
    assert.equal(outcome, "503 room_unavailable");
  });

  test("an unknown operation is refused as described, with the methods of the path", async () => {
    for (const { id, method } of api.operations) {
      if (method === "options") continue;
      await refused(id, "405 method_not_allowed", { method: "PATCH" });
      await refused(id, "404 not_found", { path: "/nowhere" });
      await refused(id, "404 unknown_party", { path: "/parties/other/p" });
      await refused(id, "414 url_too_long", { query: "x".repeat(16_384) });
    }
  });

  test("the alias answers the same", async () => {
    await refused("broadcast", "200", { path: `/party/${server.room().id}/`, body: EVENT });
  });

  test("every described answer was seen, except those that can't be provoked here", () => {
    const described = api.operations.flatMap(({ id, responses }) =>
      Object.entries(responses).flatMap(([status, response]) => {
        const codes = api.codes(response);
        if (codes.length === 0) return [`${id} ${status}`];
        return codes.map((code) =>
          status === "default" ? `any ${statusOf(code)} ${code}` : `${id} ${status} ${code}`,
        );
      }),
    );
    const missing = [...new Set(described)].filter((answer) => !seen.has(answer));
    assert.deepEqual(missing.sort(), Object.keys(OUT_OF_REACH).sort());
  });
});

test("the codes in openapi.yaml are those of the registry, each with its status", () => {
  const { ErrorCode } = api.document.components.schemas;
  const registered = Object.entries(ERROR_CODES).filter(([, { status }]) => status !== null);
  assert.deepEqual(
    ErrorCode.enum,
    registered.map(([code]) => code),
  );
  for (const { id, responses } of api.operations)
    for (const [status, response] of Object.entries(responses))
      for (const code of api.codes(response))
        if (status !== "default") assert.equal(statusOf(code), Number(status), `${id} ${code}`);
});

test("the examples of the answers are answers", () => {
  for (const operation of api.operations)
    for (const [status, { content }] of Object.entries(operation.responses)) {
      const { example, examples = {} } = content?.["application/json"] ?? {};
      const all = Object.values<{ value: unknown }>(examples).map(({ value }) => value);
      for (const body of example ? [example, ...all] : all) api.checkBody(operation, status, body);
    }
});

function targetOf(path: string, options: Call): string {
  const { project, user = "u1", query } = options;
  const target = (options.path ?? path)
    .replace("{projectId}", project ?? `test-${crypto.randomUUID()}`)
    .replace("{userId}", user)
    .replace("{docId}", options.document ?? "d1");
  return query ? `${target}?${query}` : target;
}

const textOf = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));

const codeOf = ({ text, headers }: Answer): string =>
  headers["content-type"] === "application/json" ? (JSON.parse(text).code ?? "") : "";

const statusOf = (code: string) => ERROR_CODES[code as ErrorCode].status;
