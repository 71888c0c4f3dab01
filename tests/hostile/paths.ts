/** Paths that could be mistaken for another room's if they are decoded twice or carelessly. */

import { type Attack, type Form, type Ground, ownToken, publishToken } from "./attack.ts";
import { broadcast, handshake, outcomeOf } from "./handshake.ts";

/** A room that is not in the token: refused as such. */
const NOT_YOURS = ["closed 4001", "403 forbidden"] as const;
const NOT_FOUND = "404 not_found";
const NO_PARTY = "404 unknown_party";
/** An invalid project id (P1.3). */
const NO_PROJECT = ["closed 4000", "400 invalid_project_id"] as const;
const TOO_LONG = "414 url_too_long";
const NO_HTTP = "400 of the runtime";

export function paths(ground: Ground): Attack {
  const { own, victim } = ground;
  const mine = [`CONNECTED to ${own}`, "200"] as const;
  /** A socket can ask for a path below its room (P1.1): no dot is resolved. */
  const belowMine = [`CONNECTED to ${own}`, NOT_FOUND] as const;
  const belowAnothers = ["closed 4001", NOT_FOUND] as const;
  const tricks: [path: string, connect: string, broadcast?: string][] = [
    [`/parties/main/${own}/../${victim}`, ...belowMine],
    [`/parties/main/${own}/%2e%2e/${victim}`, ...belowMine],
    [`/party/${own}/../../party/${victim}`, ...belowMine],
    [`/party/${victim}/../${own}`, ...belowAnothers],
    [`/party/./${victim}`, ...belowAnothers],
    [`/party/%2e/${victim}`, ...belowAnothers],
    ["/party/..", ...NOT_YOURS],
    ["/party/%2e%2e", ...NOT_YOURS],
    [`/parties/main/${own}%2F..%2F${victim}`, ...NO_PROJECT],
    [`/parties/main/${own}%2f${victim}`, ...NO_PROJECT],
    [`/party/${own}%252F..%252F${victim}`, ...NOT_YOURS],
    [`/party/${own}%5C..%5C${victim}`, ...NOT_YOURS],
    [`/party/%76${victim.slice(1)}`, ...NOT_YOURS],
    [`/party/%2576${victim.slice(1)}`, ...NOT_YOURS],
    [`/party/${victim}%20`, ...NOT_YOURS],
    [`/party/${victim};${own}`, ...NOT_YOURS],
    [`/party/${victim}@${own}`, ...NOT_YOURS],
    [`/party/${victim.toUpperCase()}`, ...NOT_YOURS],
    [`//party///${victim}//`, ...NOT_YOURS],
    [`/parties/main/${victim}/`, ...NOT_YOURS],
    [`http://elsewhere.example/party/${victim}`, ...NOT_YOURS],
    [`ftp://elsewhere.example:99/party/${victim}`, ...NOT_YOURS],
    [`http://${own}:x@elsewhere.example/party/${victim}`, ...NOT_YOURS],
    [`http://elsewhere.example/party/${own}`, ...mine],
    [`/party/${own}?x=/../${victim}`, ...mine],
    [`//${victim}/party/${own}`, NOT_FOUND],
    [`/party\\${victim}`, NOT_FOUND],
    [`/PARTY/${victim}`, NOT_FOUND],
    [`/party%2F${victim}`, NOT_FOUND],
    [`/parties/main%2F${victim}`, NO_PARTY],
    [`/parties/other/${victim}`, NO_PARTY],
    [`/parties/MAIN/${victim}`, NO_PARTY],
    ["/parties/main/", "405 method_not_allowed", "401 unauthorized"],
    [`/party/${victim}%00`, ...NO_PROJECT],
    [`/party/${victim}%ff`, ...NO_PROJECT],
    [`/party/${victim.padEnd(129, "x")}`, ...NO_PROJECT],
    [`/party/${victim}/${"x/../".repeat(4_000)}`, TOO_LONG],
    [`/party/${own}?${victim.repeat(3_000)}`, TOO_LONG],
    [`/party/${victim}\t`, NO_HTTP],
    [`/party/${own} /party/${victim}`, NO_HTTP],
    [`http:/party/${victim}`, NO_HTTP],
  ];
  const forms = tricks.flatMap(([path, connect, broadcast = connect]) =>
    atPath(ground, path, connect, broadcast),
  );
  return { perSecond: 250, atOnce: 2, forms };
}

/** Both ways to use a path, by clients that may use their own. */
function atPath(ground: Ground, path: string, connect: string, publish: string): Form[] {
  const query = `${path.includes("?") ? "&" : "?"}token=${ownToken(ground)}`;
  const name = path.slice(0, 60);
  return [
    {
      name: `a connect at ${name}`,
      expected: connect,
      attempt: () => outcomeOf(ground, handshake(path + query)),
    },
    {
      name: `a broadcast at ${name}`,
      expected: publish,
      attempt: () => outcomeOf(ground, broadcast(path, publishToken(ground))),
    },
  ];
}
