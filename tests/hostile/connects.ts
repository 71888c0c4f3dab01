/**
 * 10,000 connects from one address. This runtime has no rate limiter (P10.5), so the gate must refuse each of them.
 */

import type { Attack, Ground } from "./attack.ts";
import { handshake, outcomeOf } from "./handshake.ts";

const ADDRESS = "203.0.113.7";
const CONNECTS = 10_000;
const ROUNDS = 3;
const NO_TOKEN = "closed 4100";

export function connects(ground: Ground): Attack {
  const bytes = handshake(`/party/${ground.victim}`, [], ADDRESS);
  return {
    amount: Math.ceil(CONNECTS / ROUNDS),
    perSecond: 600,
    atOnce: 4,
    forms: [
      {
        name: "a connect without a token",
        expected: NO_TOKEN,
        attempt: () => outcomeOf(ground, bytes),
      },
    ],
  };
}
