/** An attack: attempts of several forms, each with the outcome that the server must produce. */

import { inSeconds, token } from "../support/token.ts";
import { handshake, nextOutcome } from "./handshake.ts";
import { type Address, onWire, type Wire } from "./wire.ts";

/** Where the attack takes place. */
export interface Ground extends Address {
  /** The project that the attackers have no access to. */
  victim: string;
  /** Their own project: they have tokens for it, as every user of an app has for some project. */
  own: string;
  /** A project where they may talk to others, who must notice nothing but that. */
  shared: string;
}

export interface Form {
  name: string;
  /** The required outcome of each attempt; one of these if the network decides which. */
  expected: string | readonly string[];
  /** Returns the outcome. */
  attempt(): Promise<string>;
}

export interface Attack {
  /** Attempts in one round; if absent, as many as can be started in its time. */
  amount?: number;
  /** At most this many are started per second, evenly. */
  perSecond: number;
  /** At most this many are in flight. */
  atOnce: number;
  /** They take turns. */
  forms: Form[];
}

/** Makes an attack, possibly with some preparation. */
export type Attacker = (ground: Ground) => Attack | Promise<Attack>;

export const ATTACKER = "mallory";
const LONG = 86_400;

/** What attackers legitimately have: a token to connect to their own project. */
export function ownToken({ own }: Ground, permissions = ["subscribe"]): string {
  return tokenFor(own, permissions);
}

/** And one to talk to everybody in the shared project. */
export const sharedToken = ({ shared }: Ground) => tokenFor(shared, ["subscribe", "send"]);

function tokenFor(project: string, permissions: string[]): string {
  return token({ sub: ATTACKER, projects: [project], permissions, exp: inSeconds(LONG) });
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
