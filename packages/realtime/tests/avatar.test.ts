/** The initials and colours that stand for people. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { avatarOf } from "../src/index.ts";

const named = (userName: string | null, userId = "u1") => avatarOf({ userId, userName });

describe("an avatar", () => {
  const initials: [string | null, string, string][] = [
    ["Ada Lovelace", "u1", "AL"],
    ["ben", "u1", "B"],
    ["Mary Ann Evans", "u1", "ME"],
    ["  Zoë   ", "u1", "Z"],
    ["e\u0301va", "u1", "É"],
    ['(Ann) "Nan" O\'Neil', "u1", "AO"],
    ["👩‍💻 Ann", "u1", "👩A"],
    ["李 小龙", "u1", "李小"],
    ["", "ann", "A"],
    [null, "ann", "A"],
  ];
  for (const [userName, userId, expected] of initials)
    test(`of ${userName ?? "nobody by name"} has the initials ${expected}`, () => {
      assert.equal(named(userName, userId).initials, expected);
    });

  test("has the colour of the id, whatever the name", () => {
    assert.equal(named("Ann").background, named("Anna").background);
    assert.equal(named(null).hue, named("Ann").hue);
  });

  test("has one of twelve colours, and ids that are alike get different ones", () => {
    const hues = new Set(Array.from({ length: 40 }, (_, at) => named(null, `user${at}`).hue));
    assert.equal(hues.size, 12);
  });

  test("has text that can be read on its colour: 5.5 to 1", () => {
    for (let at = 0; at < 40; at += 1) {
      const { background, color } = named(null, `user${at}`);
      const ratio = (luminance(color) + 0.05) / (luminance(background) + 0.05);
      assert.ok(ratio >= 5.5, `${background}: ${ratio}`);
    }
  });
});

/** As WCAG defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
