/** Nothing of what is said in an encrypted project is stored, logged, sent or received: docs/encryption.md, "Goal". */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NEEDS_OWN_RUNTIME, startOwnServer, UNHURRIED } from "../support/target.ts";
import { Marker, tracesOf } from "../support/traces.ts";
import { Life } from "./life.ts";

const VARS = { ...UNHURRIED, CLIENT_EVENTS: "on", CLIENT_DELIVERIES_PER_SECOND: "100000" };

async function lived(isEncrypted: boolean): Promise<Life> {
  const { server, runtime } = await startOwnServer({ vars: VARS });
  return new Life(server, runtime, isEncrypted).run();
}

const labels = (markers: readonly Marker[]) => markers.map(({ label }) => label).sort();

describe("all that a server has of a long life of a project", { skip: NEEDS_OWN_RUNTIME }, () => {
  test("has nothing of what was said, if the project is encrypted", async () => {
    const { markers, wire, stored, runtime } = await lived(true);
    assert.ok(markers.length === 40 && wire.sent.length > 100 && stored.length > 50);
    assert.deepEqual(labels(tracesOf(markers, stored)), [], "stored");
    assert.deepEqual(labels(tracesOf(markers, wire.sent)), [], "sent");
    assert.deepEqual(labels(tracesOf(markers, wire.received)), [], "received");
    assert.deepEqual(labels(tracesOf(markers, logOf(runtime))), [], "logged");
  });

  test("has all of it, if the project is not: the search finds what is there", async () => {
    const { markers, wire, stored, runtime, projectId } = await lived(false);
    assert.deepEqual(labels(tracesOf(markers, wire.sent)), labels(markers), "sent");
    assert.deepEqual(labels(tracesOf(markers, wire.received)), labels(markers), "received");
    const kept = markers.filter(({ label }) => /event|listed|doc/.test(label));
    const found = new Set(tracesOf(markers, stored));
    assert.deepEqual(labels(kept.filter((marker) => !found.has(marker))), [], "stored");
    assert.ok(
      runtime.log.some((line) => line.includes(projectId)),
      "logged",
    );
  });
});

test("a text is found in every form in which it could be kept", () => {
  const marker = new Marker("anything");
  const letters = [...marker.text].map((letter) => letter.charCodeAt(0).toString(16));
  const inMany = (before: string) => {
    const bytes = Buffer.from(`${before}${marker.text} and more`);
    const codes = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
    const forms = (["base64", "base64url", "hex"] as const).map((form) => bytes.toString(form));
    return [
      ...forms,
      codes.map((code) => `%${code}`).join(""),
      bytes.toString("hex").toUpperCase(),
    ];
  };
  const utf16 = Buffer.from(marker.text, "utf16le");
  const forms = [
    ...["", "x", "xy", "xyz"].flatMap(inMany).map((form) => Buffer.from(form)),
    ...[JSON.stringify({ text: marker.text }), encodeURIComponent(marker.text)].map((form) =>
      Buffer.from(form),
    ),
    Buffer.from(letters.map((code) => `\\u${code.padStart(4, "0")}`).join("")),
    ...[utf16, Buffer.from(utf16).swap16()],
  ];
  for (const form of forms)
    assert.deepEqual(tracesOf([marker], [Buffer.of(7), form]), [marker], form.toString());
  assert.deepEqual(tracesOf([new Marker("other")], forms), []);
});

const logOf = ({ log }: { log: string[] }) => log.map((line) => Buffer.from(line));
