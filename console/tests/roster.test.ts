import assert from "node:assert/strict";
import { test } from "node:test";
import { hueOf, initialsOf, Roster } from "../src/roster.ts";

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

test("initials are of the first and the last word, of letters of any writing", () => {
  const initials = (userName: string | null, userId = "id") => initialsOf({ userId, userName });
  assert.deepEqual(
    [initials("Ada King Lovelace"), initials(null, "ben"), initials("𝒳 ünal"), initials("")],
    ["AL", "B", "𝒳Ü", ""],
  );
});

test("a user has always the same hue, one of eight", () => {
  const hues = new Set(Array.from({ length: 200 }, (_, index) => hueOf(`user-${index}`)));
  assert.deepEqual([...hues].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(hueOf("ann"), hueOf("ann"));
});
