/** All attacks, by their names in the report. */

import type { Attacker } from "./attack.ts";
import { chatter } from "./chatter.ts";
import { connects } from "./connects.ts";
import { endlessHttp } from "./endless-http.ts";
import { giantFrames } from "./giant-frames.ts";
import { halfOpen } from "./half-open.ts";
import { paths } from "./paths.ts";
import { slowReceivers } from "./slow-receivers.ts";
import { slowSenders } from "./slow-senders.ts";
import { smuggling } from "./smuggling.ts";
import { tokens } from "./tokens.ts";

export const ATTACKS = {
  "slow senders": slowSenders,
  "half-open sockets": halfOpen,
  "slow receivers": slowReceivers,
  "giant and endless frames": giantFrames,
  "endless HTTP": endlessHttp,
  "smuggled headers": smuggling,
  "path tricks": paths,
  "false tokens": tokens,
  chatter,
  "connects from one address": connects,
} as const satisfies Record<string, Attacker>;

export type AttackName = keyof typeof ATTACKS;
