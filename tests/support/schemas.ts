/** The schemas in a description of the API, by their location. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: a description is walked as the JSON that it is
export type Json = any;

/** The keys that lead to a place. */
export type Place = string[];

export function readDescription(name: string): Json {
  return parse(readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8"));
}

/** Validates the value at a location in a description. */
export class Schemas {
  readonly #ajv: Ajv | Ajv2020;

  /** OpenAPI has the JSON Schema of 2020-12, AsyncAPI that of draft 7. */
  constructor(document: Json) {
    const Dialect = "openapi" in document ? Ajv2020 : Ajv;
    this.#ajv = new Dialect({
      strict: true,
      strictTypes: false,
      strictRequired: false,
      allErrors: true,
    });
    // The content next to the schemas.
    this.#ajv.addVocabulary([...Object.keys(document), "example"]);
    this.#ajv.addSchema(document, "description");
  }

  /** What is wrong with a value; nothing, if it conforms. */
  problems(at: Place, value: unknown): string | undefined {
    const pointer = at.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
    const validate = this.#ajv.getSchema(`description#/${pointer}`);
    assert.ok(validate, `no schema at ${pointer}`);
    return validate(value) ? undefined : this.#ajv.errorsText(validate.errors);
  }
}

/** The place that a reference leads to. */
export function placeOf($ref: string): Place {
  return $ref.slice("#/".length).split("/");
}

/** The value at a location. */
export function nodeAt(document: Json, at: Place): Json {
  return at.reduce((node, key) => node?.[key], document);
}

/**
 * The same, but with every object that lists its fields closed: a description leaves them open, so that the server can
 * gain fields, but what it says today must be described.
 */
export function closed(node: Json): Json {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== "object") return node;
  const all = Object.entries(node).map(([key, value]) => [key, closed(value)]);
  const isObject = node.type === "object" && "properties" in node;
  return { ...(isObject && { additionalProperties: false }), ...Object.fromEntries(all) };
}
