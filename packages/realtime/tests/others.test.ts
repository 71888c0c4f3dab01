/** The others whom a client knows of: against a plain model, with fake sockets. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random, SEED } from "../../../tests/support/random.ts";
import type { Other, ProjectConnection } from "../src/index.ts";
import {
  type FakeSocket,
  online,
  pass,
  socket,
  tokenOf,
  withFakeClock,
} from "./support/fake-socket.ts";

withFakeClock();

const NAMES = ["ann", "ben", "cem", "dee", "__proto__", "constructor", "toString"];
const CONNECTIONS = ["c1", "c2", "hasOwnProperty"];
const PLACES = ["t1", "t2", "valueOf"];
const STEPS = 4_000;

interface Item {
  connectionId: string;
  data: Record<string, unknown> | null;
}

interface Entry {
  user: Record<string, unknown>;
  connections: Item[];
  isListed: boolean;
}

/** Who is known, written down as simply as possible. Whoever changes a connection moves it to the end. */
class Model {
  entries = new Map<string, Entry>();
  activeUsers = 0;
  isLarge = false;
  at: unknown;

  apply(type: string, payload: Record<string, unknown>): void {
    const { userId } = payload as { userId: string };
    const known = this.entries.get(userId);
    if (payload.users) {
      const before = this.entries;
      this.entries = new Map();
      for (const user of payload.users as Record<string, unknown>[])
        this.#meet(user, before.get(`${user.userId}`));
    }
    if ("activeUsers" in payload) this.activeUsers = payload.activeUsers as number;
    const users = payload.users as { data?: unknown }[] | undefined;
    const isCut = (users?.length ?? 0) < this.activeUsers;
    if (type === "CONNECTED")
      this.isLarge = isCut || (this.isLarge && !users?.some(({ data }) => data));
    // Only a large room is told as a count (P5.5), whatever the count is.
    if (type === "PRESENCE") this.isLarge = !users || isCut;
    if (type === "USER_JOINED" || type === "USER_LEFT") this.isLarge = false;
    if (type === "USER_JOINED") {
      if (!known?.isListed) this.activeUsers += 1;
      this.entries.delete(userId);
      this.#meet(payload, known);
    }
    if (type === "USER_LEFT") {
      if (known?.isListed) this.activeUsers -= 1;
      this.entries.delete(userId);
    }
    if (type === "USER_UPDATED") {
      const entry = known ?? { user: {}, connections: [], isListed: false };
      this.#change(entry, payload);
      this.entries.set(userId, entry);
    }
    this.forget();
  }

  /** What a room that is too large to tell everything did not tell. */
  forget(): void {
    for (const [userId, entry] of this.entries) {
      if (this.isLarge)
        entry.connections = entry.connections.filter(
          ({ data }) => this.at !== undefined && data?.at === this.at,
        );
      if (!entry.isListed && entry.connections.length === 0) this.entries.delete(userId);
    }
  }

  #meet(user: Record<string, unknown>, before: Entry | undefined): void {
    const named = ((user.data ?? []) as Item[]).map(({ connectionId }) => connectionId);
    const connections = (before?.connections ?? []).filter((item) =>
      named.includes(item.connectionId),
    );
    const entry = { user: {}, connections, isListed: true };
    this.#change(entry, user);
    this.entries.set(`${user.userId}`, entry);
  }

  #change(entry: Entry, { data, projectId, ...user }: Record<string, unknown>): void {
    entry.user = user;
    for (const item of (data ?? []) as Item[]) {
      const at = entry.connections.findIndex((old) => old.connectionId === item.connectionId);
      if (at >= 0 && JSON.stringify(entry.connections[at]) === JSON.stringify(item)) continue;
      if (at >= 0) entry.connections.splice(at, 1);
      if (item.data) entry.connections.push(item);
    }
  }

  get users(): unknown[] {
    return [...this.entries.values()].filter(({ isListed }) => isListed).map(({ user }) => user);
  }

  get others(): unknown[] {
    return [...this.entries.values()]
      .filter(({ user }) => user.userId !== "ann")
      .map(({ user, connections }) => ({
        ...user,
        connections,
        data: connections.at(-1)?.data ?? {},
      }));
  }
}

/** What a server may say, in no sensible order. */
class Saying {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): [type: string, payload: Record<string, unknown>] {
    const random = this.#random;
    const type = random.of(
      ...["CONNECTED", "PRESENCE", "PRESENCE", "USER_JOINED", "USER_JOINED", "USER_LEFT"],
      ...["USER_UPDATED", "USER_UPDATED", "USER_UPDATED", "USER_UPDATED", "USER_UPDATED"],
    );
    if (type === "USER_LEFT") return [type, { userId: this.#name(), userName: null }];
    if (type.startsWith("USER_")) return [type, { ...this.#user(this.#name()), projectId: "p1" }];
    const names = NAMES.filter(() => random.below(3) > 0);
    const users = names.map((name) => this.#user(name));
    const activeUsers = names.length + random.of(0, 0, 0, 1, 200);
    if (type === "CONNECTED") return [type, { ...CONNECTED, users, activeUsers }];
    return [type, random.below(3) > 0 ? { activeUsers, users } : { activeUsers }];
  }

  #name(): string {
    return this.#random.of(...NAMES);
  }

  #user(userId: string): Record<string, unknown> {
    const random = this.#random;
    const connections = CONNECTIONS.filter(() => random.below(3) === 0);
    const data = connections.map((connectionId) => ({ connectionId, data: this.#data() }));
    return {
      ...{ userId, userName: random.of(null, "Ben", "Bea"), joinedAt: 1, verified: true },
      ...(random.below(6) === 0 && { leavesAt: 9 }),
      ...(data.length > 0 && { data }),
    };
  }

  #data(): Record<string, unknown> | null {
    const random = this.#random;
    if (random.below(4) === 0) return null;
    const text = random.of(
      '{"__proto__":{"at":"t1"}}',
      '{"toString":1}',
      '{"cursor":[0.5,1]}',
      "{}",
    );
    const at = random.below(3) > 0 ? { at: random.of(...PLACES) } : {};
    return { ...JSON.parse(text), ...at };
  }
}

/** The users of a list of everybody may not name data that are gone. */
function whole(payload: Record<string, unknown>): Record<string, unknown> {
  const users = (payload.users as { data?: Item[] }[] | undefined)?.map(({ data, ...user }) => {
    const left = data?.filter((item) => item.data !== null) ?? [];
    return left.length > 0 ? { ...user, data: left } : user;
  });
  return users ? { ...payload, users } : payload;
}

/** As text: a comparison of objects would take a key `__proto__` for their prototype. */
const textOf = (value: unknown) =>
  JSON.stringify(value, (_key, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))
      : part,
  );

/** Whoever has not changed is the same object, and the list is the same if nobody has. */
function assertStable(before: readonly Other[], after: readonly Other[], message: string): void {
  for (const other of after) {
    const old = before.find(({ userId }) => userId === other.userId);
    assert.equal(old === other, old !== undefined && textOf(old) === textOf(other), message);
  }
  assert.equal(before === after, textOf(before) === textOf(after), message);
}

const CONNECTED = {
  connectionId: "a1",
  clientEvents: true,
  limits: { presenceDataBytes: 2_048 },
  users: [],
  activeUsers: 0,
};

describe("others", () => {
  test(`are those of a plain model, whatever comes in whatever order, and the same objects until they change`, async () => {
    const { project, first } = await online(CONNECTED);
    const random = new Random("others");
    const saying = new Saying(random);
    const model = new Model();
    let told = 0;
    project.on("others", ({ payload }) => {
      told += 1;
      assert.equal(payload, project.others);
    });
    for (let step = 0; step < STEPS; step += 1) {
      const message = `SEED=${SEED} step ${step}`;
      const before = project.others;
      const toldBefore = told;
      if (random.below(10) === 0) {
        model.at = random.of(undefined, ...PLACES);
        model.forget();
        project.setPresence({ at: (model.at as string | undefined) ?? null });
      } else {
        const [type, news] = saying.next();
        const payload = whole(news);
        model.apply(type, payload);
        first.says({ type, payload, timestamp: 1 });
      }
      assert.equal(textOf(project.others), textOf(model.others), message);
      assert.equal(textOf(project.users), textOf(model.users), message);
      assert.equal(project.activeUsers, model.activeUsers, message);
      assertStable(before, project.others, message);
      assert.equal(told - toldBefore, Number(before !== project.others), message);
    }
  });

  const ben = { userId: "ben", userName: "Ben", joinedAt: 2, verified: true };
  const at = (connectionId: string, data: unknown) => [{ connectionId, data }];
  const says = (socket: FakeSocket, type: string, payload: unknown) =>
    socket.says({ type, payload, timestamp: 1 });

  /** A client in a project with Ben, who is at t1 on two devices. */
  async function withBen(): Promise<{ project: ProjectConnection; first: FakeSocket }> {
    const users = [ben];
    const client = await online({ ...CONNECTED, users, activeUsers: 1 });
    says(client.first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b2", { at: "t1" }) });
    says(client.first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b1", { at: "t2" }) });
    return client;
  }

  test("have the data of the connection that changed last, and of the next one when it is gone", async () => {
    const { project, first } = await withBen();
    assert.deepEqual(project.others[0]?.data, { at: "t2" });
    says(first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b1", null) });
    assert.deepEqual(project.others[0]?.data, { at: "t1" });
  });

  test("do not change when a reconnect says the same, in whatever order", async () => {
    const { project, first } = await withBen();
    const { others } = project;
    project.on("others", () => assert.fail("nothing has changed"));
    first.ends();
    assert.equal(project.others, others);
    await pass(3_000);
    const data = [...at("b1", { at: "t2" }), ...at("b2", { at: "t1" })];
    const { verified, joinedAt, ...names } = ben;
    (await socket()).accepts({
      ...CONNECTED,
      users: [{ data, verified, joinedAt, ...names }],
      activeUsers: 1,
    });
    assert.equal(project.others, others);
  });

  test("change nothing for who shows only names, when data change", async () => {
    const { project, first } = await withBen();
    const { users } = project;
    says(first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b1", { cursor: [0, 1] }) });
    assert.equal(project.users, users);
    says(first, "USER_UPDATED", { ...ben, userName: "Benjamin", projectId: "p1" });
    assert.equal(project.users[0]?.userName, "Benjamin");
    assert.equal(project.others[0]?.userName, "Benjamin");
  });

  test("who leave unless they come back say when", async () => {
    const { project, first } = await withBen();
    says(first, "USER_UPDATED", { ...ben, projectId: "p1", leavesAt: 5 });
    assert.equal(project.others[0]?.leavesAt, 5);
    assert.deepEqual(project.others[0]?.data, { at: "t2" });
    says(first, "USER_UPDATED", { ...ben, projectId: "p1" });
    assert.equal(project.others[0]?.leavesAt, undefined);
  });

  test("of a large room are known only where this client is: who goes away forgets them", async () => {
    const { project, first } = await online({ ...CONNECTED, activeUsers: 200 });
    project.setPresence({ at: "t1" });
    says(first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b1", { at: "t1" }) });
    assert.equal(project.others[0]?.userId, "ben");
    says(first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b1", { at: "t2" }) });
    assert.deepEqual(project.others, []);
    says(first, "USER_UPDATED", { ...ben, projectId: "p1", data: at("b1", { at: "t1" }) });
    project.setPresence({ at: "t2" });
    assert.deepEqual(project.others, []);
  });

  test("are told as they are then, also if a handler changes them meanwhile", async () => {
    const users = [ben];
    const { project, first } = await online({ ...CONNECTED, users, activeUsers: 200 });
    project.setPresence({ at: "t1" });
    project.on("users", () => project.setPresence({ at: "t2" }));
    const told: unknown[] = [];
    project.on("others", ({ payload }) => told.push(payload === project.others));
    const named = { ...ben, userName: "Benjamin" };
    says(first, "USER_UPDATED", { ...named, projectId: "p1", data: at("b1", { at: "t1" }) });
    assert.deepEqual([project.others[0]?.data, new Set(told)], [{}, new Set([true])]);
  });

  test("are nobody once another user has signed in", async () => {
    let sub = "ann";
    const users = [ben];
    const who = { getToken: () => tokenOf(sub) };
    const { project } = await online({ ...CONNECTED, users, activeUsers: 1 }, who);
    project.setPresence({ at: "t1" });
    sub = "cem";
    project.reconnect();
    const second = await socket();
    assert.deepEqual([project.others, project.self], [[], undefined]);
    second.accepts({ ...CONNECTED, users, activeUsers: 1 });
    await pass(200);
    assert.deepEqual([project.self?.userId, project.self?.data], ["cem", {}]);
    assert.equal(second.count("PRESENCE_SET"), 0);
  });
});
