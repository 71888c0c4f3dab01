/** docs/openapi.yaml, and checks that the server's answers match it. */

import assert from "node:assert/strict";
import type { Answer } from "./raw.ts";
import {
  closed,
  type Json,
  nodeAt,
  type Place,
  placeOf,
  readDescription,
  Schemas,
} from "./schemas.ts";

/** An operation of the description. */
export interface Operation {
  id: string;
  method: string;
  /** With `{projectId}` in it. */
  path: string;
  at: Place;
  /** By status, or `default`. */
  responses: Record<string, Json>;
  /** Those of the body, by name. */
  examples: Record<string, Json>;
}

const METHODS = ["get", "post", "delete", "options", "put", "patch", "head", "trace"];
/** They belong to the connection, so no operation names them. */
const OF_THE_CONNECTION = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "sec-websocket-accept",
  "transfer-encoding",
  "upgrade",
]);
const JSON_TYPE = "application/json";

export class OpenApi {
  readonly document: Json = readDescription("openapi.yaml");
  readonly operations: Operation[];
  readonly #requests = new Schemas(this.document);
  readonly #answers = new Schemas(closed(this.document));

  constructor() {
    this.operations = Object.entries<Json>(this.document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) => this.#operation(path, method)),
    );
  }

  #operation(path: string, method: string): Operation {
    const at = ["paths", path, method];
    const { operationId: id, responses: described, requestBody } = nodeAt(this.document, at);
    const responses = Object.fromEntries(
      Object.entries(described).map(([status, response]) => [status, this.#resolve(response)]),
    );
    const examples = requestBody?.content[JSON_TYPE]?.examples ?? {};
    return { id, method, path, at, responses, examples };
  }

  operation(id: string): Operation {
    const operation = this.operations.find((operation) => operation.id === id);
    assert.ok(operation, `openapi.yaml has no operation ${id}`);
    return operation;
  }

  /** The codes that an answer may have; none if it is not a refusal. */
  codes(response: Json): string[] {
    const parts: Json[] = response.content?.[JSON_TYPE]?.schema.allOf ?? [];
    return parts.flatMap(({ properties }) => properties?.code?.enum ?? []);
  }

  /** Whether a body is one that an operation takes. */
  takes({ at }: Operation, body: unknown): boolean {
    const schema = [...at, "requestBody", "content", JSON_TYPE, "schema"];
    return this.#requests.problems(schema, body) === undefined;
  }

  /** Asserts that an answer has a status, headers and a body that the operation may answer. */
  check(operation: Operation, answer: Answer): void {
    const { id, responses } = operation;
    const status = `${answer.status}` in responses ? `${answer.status}` : "default";
    const what = `${id} ${answer.status} ${answer.text}`;
    const response = this.#resolved([...operation.at, "responses", status]);
    const { headers = {}, content } = responses[status];
    const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
    for (const name of Object.keys(answer.headers))
      assert.ok(names.has(name) || OF_THE_CONNECTION.has(name), `${what}: undescribed ${name}`);
    for (const name of Object.keys(headers))
      this.#checkHeader([...response, "headers", name], answer.headers[name.toLowerCase()], what);
    const type = answer.headers["content-type"];
    assert.ok(content ? type !== undefined && type in content : type === undefined, what);
    if (type === JSON_TYPE) this.checkBody(operation, status, JSON.parse(answer.text));
    else if (!content) assert.equal(answer.text, "", what);
  }

  /** Asserts that a body is one that the operation may answer with this status. */
  checkBody({ at, id }: Operation, status: string, body: unknown): void {
    const response = this.#resolved([...at, "responses", status]);
    const problems = this.#answers.problems([...response, "content", JSON_TYPE, "schema"], body);
    assert.equal(problems, undefined, `${id} ${status} ${JSON.stringify(body)}: ${problems}`);
  }

  #checkHeader(at: Place, text: string | string[] | undefined, what: string): void {
    const place = this.#resolved(at);
    const { required = false, schema } = nodeAt(this.document, place);
    if (text === undefined) {
      assert.ok(!required, `${what}: no ${at.at(-1)}`);
      return;
    }
    // A header is text, also where a number is meant.
    const value = schema.type === "integer" ? Number(text) : text;
    const problems = this.#answers.problems([...place, "schema"], value);
    assert.equal(problems, undefined, `${what}: ${at.at(-1)} ${text}: ${problems}`);
  }

  #resolve(node: Json): Json {
    return node.$ref ? nodeAt(this.document, placeOf(node.$ref)) : node;
  }

  #resolved(at: Place): Place {
    const { $ref } = nodeAt(this.document, at);
    return $ref ? placeOf($ref) : at;
  }
}
