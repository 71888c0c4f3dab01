/** What an attack is: attempts of several forms, each with what the server must make of it. */

import { inSeconds, token } from "../support/token.ts";
import { handshake, nextOutcome } from "./handshake.ts";
import { type Address, onWire, type Wire } from "./wire.ts";

/** Where it takes place. */
export interface Ground extends Address {
  /** The project that is none of the attackers' business. */
  victim: string;
  /** A project of their own: they have tokens for it, as every user of the app has for some. */
  own: string;
}

export interface Form {
  name: string;
  /** What must come of each attempt; one of these, where the net decides which. */
  expected: string | readonly string[];
  /** Answers what came of it. */
  attempt(): Promise<string>;
}

export interface Attack {
  /** Attempts in one round; without it, a round has as many as are begun in its time. */
  amount?: number;
  /** At most so many are begun in a second, evenly. */
  perSecond: number;
  /** At most so many are under way. */
  atOnce: number;
  /** They take turns. */
  forms: Form[];
}

/** Makes an attack; may prepare for it. */
export type Attacker = (ground: Ground) => Attack | Promise<Attack>;

export const ATTACKER = "mallory";
const LONG = 86_400;

/** What attackers honestly have: a token to connect to their own project. */
export function ownToken({ own }: Ground, permissions = ["subscribe"]): string {
  return token({ sub: ATTACKER, projects: [own], permissions, exp: inSeconds(LONG) });
}

/** And one to publish to it. */
export const publishToken = (ground: Ground) => ownToken(ground, ["publish"]);

/** Does something with a socket in the attackers' own room. */
export function inRoom<T>(ground: Ground, use: (wire: Wire) => Promise<T>): Promise<T> {
  return onWire(ground, async (wire) => {
    wire.write(handshake(`/party/${ground.own}?token=${ownToken(ground)}`));
    const outcome = await nextOutcome(wire);
    if (outcome === `CONNECTED to ${ground.own}`) return use(wire);
    throw new Error(`an attacker was not let into its own room: ${outcome}`);
  });
}
