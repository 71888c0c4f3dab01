/** Who a client believes is there must follow from what it was told, and from nothing else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Company } from "./company.ts";

const users = (...ids: string[]) => ids.map((userId) => ({ userId }));

test("P5.1 in a small room, joins and leaves are counted from those who were there", () => {
  const company = new Company();
  company.hear("CONNECTED", { activeUsers: 2, users: users("ann", "ben") });
  company.hear("USER_JOINED", { userId: "cem" });
  company.hear("USER_LEFT", { userId: "ann" });
  company.hear("CHAOS", {});
  assert.ok(company.isOf(new Set(["ben", "cem"])));
  assert.ok(!company.isOf(new Set(["ann", "cem"])), "as many, but somebody else");
  assert.equal(company.count, 2);
});

test("P5.5 in a large room the number counts, and a list of everybody replaces the one before", () => {
  const company = new Company();
  company.hear("CONNECTED", { activeUsers: 3, users: users("ann", "ben") });
  company.hear("PRESENCE", { activeUsers: 4 });
  assert.equal(company.count, 4);
  assert.ok(!company.isOf(new Set(["ann", "ben"])));
  company.hear("PRESENCE", { activeUsers: 1, users: users("dan") });
  assert.ok(company.isOf(new Set(["dan"])));
});
