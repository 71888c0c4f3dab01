/** docs/openapi.yaml, and whether what the server answers is what it says. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { closed } from "./closed-schema.ts";
import type { Answer } from "./raw.ts";

// biome-ignore lint/suspicious/noExplicitAny: a description is walked as the JSON that it is
type Json = any;

/** An operation of the description. */
export interface Operation {
  id: string;
  method: string;
  /** With `{projectId}` in it. */
  path: string;
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
  readonly document: Json;
  readonly operations: Operation[];
  readonly #requests: Ajv2020;
  readonly #answers: Ajv2020;

  constructor(file: URL) {
    this.document = parse(readFileSync(file, "utf8"));
    this.operations = Object.entries<Json>(this.document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) => this.#operation(path, method)),
    );
    this.#requests = compiler(this.document);
    this.#answers = compiler(closed(this.document));
  }

  #operation(path: string, method: string): Operation {
    const { operationId, responses, requestBody } = this.document.paths[path][method];
    const all = Object.entries<Json>(responses).map(([status, response]) => [
      status,
      this.#resolve(response),
    ]);
    const examples = requestBody?.content[JSON_TYPE].examples ?? {};
    return { id: operationId, method, path, responses: Object.fromEntries(all), examples };
  }

  operation(id: string): Operation {
    const operation = this.operations.find((operation) => operation.id === id);
    assert.ok(operation, `openapi.yaml has no operation ${id}`);
    return operation;
  }

  /** The codes that an answer may have; none, if it is no refusal. */
  codes(response: Json): string[] {
    const parts: Json[] = response.content?.[JSON_TYPE].schema.allOf ?? [];
    return parts.flatMap(({ properties }) => properties?.code?.enum ?? []);
  }

  /** Whether a body is one that an operation takes. */
  takes({ path, method }: Operation, body: unknown): boolean {
    const at = ["paths", path, method, "requestBody", "content", JSON_TYPE, "schema"];
    return schemaAt(this.#requests, at)(body) as boolean;
  }

  /** Asserts that an answer has a status, headers and a body that the operation may answer. */
  check(operation: Operation, answer: Answer): void {
    const { id, path, method, responses } = operation;
    const status = `${answer.status}` in responses ? `${answer.status}` : "default";
    const what = `${id} ${answer.status} ${answer.text}`;
    const { headers = {}, content } = responses[status];
    this.#checkHeaders(headers, answer.headers, what);
    assert.equal(answer.headers["content-type"], content && JSON_TYPE, what);
    if (!content) assert.equal(answer.text, "", what);
    else
      this.checkExample(
        ["paths", path, method, "responses", status],
        JSON.parse(answer.text),
        what,
      );
  }

  /** Asserts that a body conforms to the response that stands at a place of the description. */
  checkExample(at: string[], body: unknown, what: string): void {
    const { $ref } = at.reduce((node, key) => node[key], this.document);
    const response = $ref ? keysOf($ref) : at;
    const validate = schemaAt(this.#answers, [...response, "content", JSON_TYPE, "schema"]);
    assert.ok(validate(body), `${what}: ${this.#answers.errorsText(validate.errors)}`);
  }

  #checkHeaders(described: Record<string, Json>, actual: Answer["headers"], what: string): void {
    const byName = new Map(
      Object.entries(described).map(([name, header]) => [
        name.toLowerCase(),
        this.#resolve(header),
      ]),
    );
    for (const name of Object.keys(actual))
      assert.ok(byName.has(name) || OF_THE_CONNECTION.has(name), `${what}: undescribed ${name}`);
    for (const [name, { required = false, schema }] of byName) {
      const value = actual[name];
      if (value === undefined) assert.ok(!required, `${what}: no ${name}`);
      else
        assert.ok(this.#answers.validate(schema, inType(schema, `${value}`)), `${what}: ${name}`);
    }
  }

  #resolve(node: Json): Json {
    return node.$ref ? keysOf(node.$ref).reduce((at, key) => at[key], this.document) : node;
  }
}

/** A header is text, also where a number is meant. */
function inType({ type }: Json, value: string): string | number {
  return type === "integer" ? Number(value) : value;
}

function compiler(document: Json): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
  });
  // What stands in the file beside schemas.
  ajv.addVocabulary([...Object.keys(document), "example"]);
  ajv.addSchema(document, "description");
  return ajv;
}

function schemaAt(ajv: Ajv2020, keys: string[]): ValidateFunction {
  const pointer = keys.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
  const validate = ajv.getSchema(`description#/${pointer}`);
  assert.ok(validate, `openapi.yaml has no schema at ${pointer}`);
  return validate;
}

function keysOf($ref: string): string[] {
  return $ref.slice("#/".length).split("/");
}
