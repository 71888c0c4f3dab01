/** docs/asyncapi.yaml, and checks that the frames on a socket match it. */

import assert from "node:assert/strict";
import type { Client, CloseEvent } from "./client.ts";
import { closed, type Json, type Place, readDescription, Schemas } from "./schemas.ts";

const QUERY: Place = ["channels", "room", "bindings", "ws", "query"];

export class AsyncApi {
  readonly document: Json = readDescription("asyncapi.yaml");
  /** By name. */
  readonly messages: Record<string, Json> = this.document.components.messages;
  readonly channel: Json = this.document.channels.room;
  /** Messages and parameters of the query that came, and codes of closes. */
  readonly seen = new Set<string>();
  readonly #schemas = new Schemas(closed(this.document));

  /** What is wrong with a frame as the message of this name; nothing, if it conforms. */
  problems(name: string, frame: unknown): string | undefined {
    return this.#schemas.problems(["components", "messages", name, "payload"], frame);
  }

  /** Asserts that every frame that came on a socket is a message that the server sends. */
  checkFrames({ texts }: Client): void {
    for (const text of texts) this.#check(this.#nameOf(JSON.parse(text)), JSON.parse(text));
  }

  /** Asserts that a client may send this. */
  checkSaid(message: { type: string } | object[]): void {
    this.#check(Array.isArray(message) ? "list" : message.type, message);
  }

  /** Asserts that a socket ended as described. */
  checkClose({ code, reason }: CloseEvent): void {
    const described = this.channel["x-close-codes"][code];
    assert.ok(described, `undescribed close ${code} ${reason}`);
    const parsed = JSON.parse(reason);
    assert.equal(parsed.code, described.name);
    const problems = this.#schemas.problems(["components", "schemas", "CloseReason"], parsed);
    assert.equal(problems, undefined, `${reason}: ${problems}`);
    this.seen.add(`${code}`);
  }

  /** Asserts that a client may connect with this query. */
  checkQuery(query: Record<string, string>): void {
    const problems = this.#schemas.problems(QUERY, query);
    assert.equal(problems, undefined, `${JSON.stringify(query)}: ${problems}`);
    for (const name of Object.keys(query)) this.seen.add(name);
  }

  #check(name: string, frame: unknown): void {
    const problems = this.problems(name, frame);
    assert.equal(problems, undefined, `${name} ${JSON.stringify(frame)}: ${problems}`);
    this.seen.add(name);
  }

  #nameOf(frame: Json): string {
    if (Array.isArray(frame)) return "batch";
    if (frame.type.startsWith("client-")) return "clientEvent";
    return frame.type in this.messages ? frame.type : "event";
  }
}
