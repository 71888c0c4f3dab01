/** Documents for a backend, against a server that answers as a test tells it to. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, beforeEach, describe, test } from "node:test";
import {
  configureBroadcasts,
  createDocuments,
  DocumentError,
  type DocumentsOptions,
  readDocument,
} from "../../src/server.ts";

interface Asked {
  method: string;
  path: string;
  authorization: string | undefined;
  body: Buffer;
}

interface Answer {
  status: number;
  type?: string;
  body: string | Uint8Array;
}

const asked: Asked[] = [];
let answers: Answer[] = [];
const server = createServer(async (request, response) => {
  const { method = "", url: path = "", headers } = request;
  const body = Buffer.concat(await request.toArray());
  asked.push({ method, path, authorization: headers.authorization, body });
  const { status, type, body: content } = answers.shift() ?? { status: 500, body: "" };
  response.writeHead(status, type ? { "content-type": type } : {}).end(content);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(() => {
  asked.length = 0;
  answers = [];
});

const documents = (options: Partial<DocumentsOptions> = {}) =>
  createDocuments({ url: `${url}/`, secret: "s", ...options });
const json = (status: number, body: object): Answer => ({ status, body: JSON.stringify(body) });
const refusal = (status: number, code: string) =>
  json(status, { success: false, code, error: "Words" });
const UPDATE = Uint8Array.of(0, 255, 10, 13, 128);
const BINARY = { status: 200, type: "application/octet-stream", body: UPDATE };
const fails = (code: string) => (error: unknown) =>
  error instanceof DocumentError && error.code === code;

describe("a document is read", () => {
  test("as an update, byte for byte (P13.11)", async () => {
    answers = [BINARY];
    assert.deepEqual(await documents().readDocument("a b", "ü/1"), UPDATE);
    const [{ method, path, authorization } = {}] = asked;
    assert.equal(method, "GET");
    assert.equal(path, "/parties/docs/a%20b/%C3%BC%2F1");
    assert.equal(authorization, "Bearer s");
  });

  test("as plain text", async () => {
    answers = [{ status: 200, type: "text/plain; charset=utf-8", body: "Grüße" }];
    const text = await documents().readDocument("p1", "d1", { as: "text", name: "my notes" });
    assert.equal(text, "Grüße");
    assert.equal(asked[0]?.path, "/parties/docs/p1/d1?as=text&name=my%20notes");
  });

  test("as undefined if there is none", async () => {
    answers = [refusal(404, "no_document")];
    assert.equal(await documents().readDocument("p1", "d1"), undefined);
  });

  test("again, if the server was not able to answer", async () => {
    answers = [refusal(503, "room_unavailable"), BINARY];
    assert.deepEqual(await documents().readDocument("p1", "d1"), UPDATE);
    assert.equal(asked.length, 2);
  });

  test("and not taken from a page that answers in the server's place", async () => {
    answers = [{ status: 200, type: "text/html", body: "<html>" }];
    await assert.rejects(documents({ retries: 0 }).readDocument("p1", "d1"), fails("unreachable"));
  });

  test("by what the environment says", async () => {
    configureBroadcasts({ url, secret: "other" });
    answers = [BINARY];
    assert.deepEqual(await readDocument("p1", "d1"), UPDATE);
    assert.equal(asked[0]?.authorization, "Bearer other");
    configureBroadcasts({});
  });

  test("not at all without an address", async () => {
    await assert.rejects(documents({ url: "" }).readDocument("p1", "d1"), fails("not_set_up"));
  });
});

describe("a document is seeded", () => {
  test("with an update, byte for byte", async () => {
    answers = [json(201, { success: true, message: "Document seeded" })];
    assert.equal(await documents().seedDocument("p1", "d1", UPDATE), true);
    assert.equal(asked[0]?.method, "PUT");
    assert.deepEqual(new Uint8Array(asked[0]?.body ?? []), UPDATE);
  });

  test("never twice", async () => {
    answers = [refusal(409, "document_exists")];
    assert.equal(await documents().seedDocument("p1", "d1", UPDATE), false);
    assert.equal(asked.length, 1);
  });

  test("not with what is no update, which is not tried again", async () => {
    answers = [refusal(400, "invalid_update")];
    await assert.rejects(documents().seedDocument("p1", "d1", UPDATE), fails("invalid_update"));
    assert.equal(asked.length, 1);
  });
});

test("a document is deleted, and how many were connected is known", async () => {
  answers = [
    refusal(503, "room_unavailable"),
    json(200, { success: true, message: "Document deleted", disconnected: 3 }),
  ];
  assert.equal(await documents().deleteDocument("p1", "d1"), 3);
  assert.equal(asked[0]?.method, "DELETE");
});
