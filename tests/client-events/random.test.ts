/** 1,000 random messages of random clients, against a plain reading of docs/protocol.md, P4.8, P4.12 and P11. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../support/client.ts";
import { Random, SEED } from "../support/random.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { JWT_SECRET, token } from "../support/token.ts";
import { done, heard, join, TALKING } from "./talk.ts";

const MESSAGES = 1_000;
const USERS = ["ann", "ben", "cid"];

interface Seat {
  client: Client;
  userId: string;
  connectionId: string;
  maySend: boolean;
  /** What it must hear: the bytes of each event up to its time. */
  due: string[];
  /** The codes that it must be told. */
  refusals: string[];
}

const OWN = { skip: NEEDS_OWN_RUNTIME };

test(
  `P11 of ${MESSAGES} random messages everybody hears exactly what is for them`,
  OWN,
  async () => {
    const random = new Random("client events");
    const chance = (percent: number) => random.below(100) < percent;
    const vars = { ...TALKING, CONNECT_AUTH: undefined, JWT_SECRET };
    const { server } = await startOwnServer({ vars });
    const room = server.room();
    const seats: Seat[] = [];
    for (let n = 0; n < 8; n++) {
      const userId = random.of(...USERS);
      const connectionId = random.of("phone", "laptop");
      const maySend = n === 0 || chance(70);
      const permissions = ["subscribe", "presence", ...(maySend ? ["send"] : [])];
      const frames = random.of("", "batch");
      const query = { _pk: connectionId, frames, token: token({ sub: userId, permissions }) };
      const client = await join(room, query);
      seats.push({ client, userId, connectionId, maySend, due: [], refusals: [] });
    }

    /** A message, and what must become of it. */
    function message(from: Seat): { text: string; expect: () => void } {
      const kind = random.of("SEND", "SEND", "SEND", "SEND", "HELLO", "7", "broken");
      const refuse = (code: string) => () => from.refusals.push(code);
      if (kind === "7") return { text: "7", expect: refuse("malformed_message") };
      if (kind === "broken") return { text: '{"type":7}', expect: refuse("malformed_message") };
      if (kind === "HELLO")
        return { text: '{"type":"HELLO"}', expect: refuse("malformed_message") };
      const eventType = random.of(
        "client-x",
        "client-é",
        "client-",
        "TASK",
        "__proto__",
        "client\\u002dx",
      );
      const payload = random.of(
        "1.50",
        "{ }",
        '"\\ud83d\\ude00"',
        "null",
        '{"from":{"userId":"eve"}}',
        undefined,
      );
      const userIds = random.of(
        undefined,
        undefined,
        [random.of(...USERS)],
        ["nobody"],
        [...USERS],
        [],
      );
      const fields = [
        '"type":"SEND"',
        `"eventType":"${eventType}"`,
        payload !== undefined && `"payload": ${payload} `,
        userIds && `"userIds":${JSON.stringify(userIds)}`,
        chance(30) && '"from":{"userId":"eve","connectionId":"eve"}',
        chance(10) && '"payload":1,"payload":2',
      ].filter(Boolean);
      const text = `{${fields.sort(() => random.below(2) - 0.5).join(",")}}`;
      const type = JSON.parse(`"${eventType}"`);
      const isDoubled = text.includes('"payload":1,"payload":2');
      if (!type.startsWith("client-") || isDoubled || userIds?.length === 0)
        return { text, expect: refuse("malformed_message") };
      if (!from.maySend) return { text, expect: refuse("not_allowed") };
      const stamp = JSON.stringify({ userId: from.userId, connectionId: from.connectionId });
      const frame = `{"type":"${type}","payload":${payload ?? "{}"},"from":${stamp},"timestamp":`;
      const expect = () => {
        for (const seat of seats)
          if (seat !== from && (!userIds || userIds.includes(seat.userId))) seat.due.push(frame);
      };
      return { text, expect };
    }

    for (let sent = 0; sent < MESSAGES; ) {
      const from = random.of(...seats);
      const count = chance(30) ? 1 + random.below(6) : 1;
      const messages = Array.from({ length: count }, () => message(from));
      const texts = messages.map(({ text }) => text);
      from.client.send(count === 1 ? (texts[0] as string) : `[${texts.join(" , ")}]`);
      for (const { expect } of messages) expect();
      sent += count;
      // One after the other, so that there is one right order.
      await done(from.client);
    }
    for (const { client, due, refusals } of seats) {
      await done(client);
      const told = client.frames.filter(({ type }) => type === "ERROR");
      assert.deepEqual(
        told.map(({ payload }) => payload.code),
        refusals,
        `SEED=${SEED}`,
      );
      const events = client.texts.join("\n").match(/\{"type":"client-.*?"timestamp":/g) ?? [];
      assert.deepEqual(events, due, `SEED=${SEED}`);
      assert.equal(heard(client).length, due.length);
    }
  },
);
