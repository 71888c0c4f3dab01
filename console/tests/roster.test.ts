import assert from "node:assert/strict";
import { test } from "node:test";
import { Roster } from "../src/roster.ts";

const ann = { userId: "ann", userName: "Ann", joinedAt: 1, verified: true };
const ben = { userId: "ben", userName: null, joinedAt: 2, verified: true };

function roster(...users: (typeof ann | typeof ben)[]): Roster {
  const made = new Roster();
  made.hear({ type: "CONNECTED", payload: { activeUsers: users.length, users } });
  return made;
}

test("those who come and go are counted once", () => {
  const room = roster(ann);
  const joined = { type: "USER_JOINED", payload: { ...ben, projectId: "p1" } };
  assert.ok(room.hear(joined) && room.hear(joined));
  assert.deepEqual([room.active, [...room.people.keys()]], [2, ["ann", "ben"]]);
  const left = { type: "USER_LEFT", payload: { userId: "ann", userName: "Ann" } };
  assert.ok(room.hear(left) && room.hear(left));
  assert.deepEqual([room.active, [...room.people.keys()]], [1, ["ben"]]);
});

test("in a large room there are more than are listed", () => {
  const room = roster(ann);
  room.hear({ type: "PRESENCE", payload: { activeUsers: 250 } });
  assert.deepEqual([room.active, room.people.size], [250, 1]);
  room.hear({ type: "PRESENCE", payload: { activeUsers: 2, users: [ann, ben] } });
  assert.deepEqual([room.active, room.people.size], [2, 2]);
});

test("a broadcast is not about who is there", () => {
  assert.equal(roster(ann).hear({ type: "TASK_CREATED", payload: ann }), false);
});

test("P12 what a connection says is kept beside what the user's others say", () => {
  const room = roster(ann);
  const says = (connectionId: string, data: object | null) => {
    const payload = { ...ann, projectId: "p1", data: [{ connectionId, data }] };
    assert.ok(room.hear({ type: "USER_UPDATED", payload }));
    return room.people.get("ann")?.data;
  };
  says("c1", { at: "task:t1" });
  assert.deepEqual(says("c2", { status: "away" }), [
    { connectionId: "c1", data: { at: "task:t1" } },
    { connectionId: "c2", data: { status: "away" } },
  ]);
  assert.deepEqual(says("c1", null), [{ connectionId: "c2", data: { status: "away" } }]);
});
