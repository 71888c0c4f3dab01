/**
 * The process of the attackers: `attackers.ts <ground as JSON>`. It gets the name of an attack, and returns the
 * report of one round of it. It is a separate process with a low priority, because on this machine it shares the
 * cores with the server and the measurement; real attackers have their own.
 */

import { setPriority } from "node:os";
import { connectionsAre } from "../support/presence.ts";
import { Server } from "../support/target.ts";
import type { Attack, Attacker, Form, Ground } from "./attack.ts";
import { ATTACKS, type AttackName } from "./attacks.ts";
import { attackOnce, inTurn, type RoundReport } from "./round.ts";

const STANDS_BACK = 10;

interface Prepared {
  attack: Attack;
  forms: Iterator<Form>;
}

setPriority(STANDS_BACK);
process.once("disconnect", () => process.exit());

const ground = JSON.parse(process.argv[2] ?? "") as Ground;
const room = new Server(`http://${ground.host}:${ground.port}`).room(ground.own);
const prepared = new Map(await Promise.all(Object.entries<Attacker>(ATTACKS).map(prepare)));

process.on("message", async (name: AttackName) => process.send?.(await round(name)));
process.send?.("ready");

async function prepare([name, attacker]: [string, Attacker]): Promise<[string, Prepared]> {
  const attack = await attacker(ground);
  return [name, { attack, forms: inTurn(attack) }];
}

async function round(name: AttackName): Promise<RoundReport> {
  const { attack, forms } = prepared.get(name) as Prepared;
  const report = await attackOnce(attack, forms);
  // The server must notice that all of them are gone, however they left.
  await connectionsAre(room, 0).catch((error) => report.unexpected.push(`afterwards: ${error}`));
  return report;
}
