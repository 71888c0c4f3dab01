/** Tokens that are not one's own, not as they were signed, or over. */

import { randomUUID } from "node:crypto";
import { SECRET } from "../support/target.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";
import { ATTACKER, type Attack, type Form, type Ground } from "./attack.ts";
import { broadcast, handshake, nextFrame, nextOutcome, outcomeOf, request } from "./handshake.ts";
import { onWire } from "./wire.ts";

const INVALID = "closed 4100";
const EXPIRED = "closed 4101";
const NOT_ALLOWED = "closed 4001";
const PERMISSIONS = ["subscribe", "presence", "publish"];
const UNAUTHORIZED = "401 unauthorized";
/** A token is good for 30 s after its end, because clocks differ (P9.3). */
const CLOCKS_DIFFER = 30;

export async function tokens(ground: Ground): Promise<Attack> {
  const ended = await endedToken(ground);
  const { own, victim } = ground;
  const connect = (name: string, expected: string, make: () => string, query = ""): Form[] => [
    {
      name: `a connect with ${name}`,
      expected,
      attempt: () => outcomeOf(ground, handshake(`/party/${victim}?token=${make()}${query}`)),
    },
    {
      name: `a connect with ${name}, as a subprotocol`,
      expected,
      attempt: () =>
        outcomeOf(
          ground,
          handshake(`/party/${victim}?${query}`, [`Sec-WebSocket-Protocol: x, bearer.${make()}`]),
        ),
    },
  ];
  const publish = (name: string, expected: string, make: () => string): Form => ({
    name: `a broadcast with ${name}`,
    expected,
    attempt: () => outcomeOf(ground, broadcast(`/party/${victim}`, make())),
  });
  const administer = (name: string, firstLine: string): Form => ({
    name: `${name} with a token for all that tokens are for`,
    expected: UNAUTHORIZED,
    attempt: () => outcomeOf(ground, request(firstLine, [`Authorization: Bearer ${all()}`])),
  });
  return {
    amount: 700,
    perSecond: 500,
    atOnce: 4,
    forms: [
      ...Object.entries(FORGED).flatMap(([name, make]) => [
        ...connect(name, INVALID, make),
        publish(name, UNAUTHORIZED, make),
      ]),
      ...connect("the token of another project", NOT_ALLOWED, () => fresh({ projects: [own] })),
      publish("the token of another project", "403 forbidden", () => fresh({ projects: [own] })),
      ...connect("an expired token", EXPIRED, expired),
      publish("an expired token", UNAUTHORIZED, expired),
      ...connect("a token of another user", NOT_ALLOWED, all, "&userId=person-0"),
      ...connect("a token without subscribe", NOT_ALLOWED, () =>
        fresh({ permissions: ["publish"] }),
      ),
      publish("a token to listen with", "403 forbidden", () =>
        fresh({ permissions: ["subscribe"] }),
      ),
      {
        name: "a connect with a token that was good and is over",
        expected: EXPIRED,
        attempt: () => outcomeOf(ground, handshake(`/party/${own}?token=${ended}`)),
      },
      publish("the secret of the tokens", UNAUTHORIZED, () => JWT_SECRET),
      publish("a part of the secret", UNAUTHORIZED, () => SECRET.slice(0, -1)),
      administer("a state", `GET /party/${victim}`),
      administer("a removal", `DELETE /party/${victim}/users/person-0`),
      administer("a broadcast to many", "POST /parties/main"),
    ],
  };
}

/** A token that nobody has seen yet. */
function fresh(
  claims: Record<string, unknown> = {},
  options?: Parameters<typeof token>[1],
): string {
  const base = { sub: ATTACKER, jti: randomUUID(), permissions: PERMISSIONS };
  return token({ ...base, ...claims }, options);
}

const all = () => fresh({ projects: "*" });
const expired = () => fresh({ exp: inSeconds(-CLOCKS_DIFFER - 1) });
const signedAs = (header: Record<string, unknown>) => fresh({}, { header });
const inBase64 = (json: unknown) => Buffer.from(JSON.stringify(json)).toString("base64url");

/** Tokens that nobody has signed as they are. */
const FORGED: Record<string, () => string> = {
  "a token of another secret": () => fresh({}, { secret: `${JWT_SECRET}!` }),
  "an altered payload": () => {
    const [header, , signature] = fresh().split(".");
    const claims = { sub: "person-0", projects: "*", exp: inSeconds(60), permissions: PERMISSIONS };
    return `${header}.${inBase64(claims)}.${signature}`;
  },
  "an altered signature": () =>
    fresh().replace(/.(?=.{9}$)/, (letter) => (letter === "A" ? "B" : "A")),
  "half a signature": () => fresh().slice(0, -20),
  "no signature": () => fresh().replace(/[^.]+$/, ""),
  "alg none": () => signedAs({ alg: "none" }).replace(/[^.]+$/, ""),
  "alg none and a signature": () => signedAs({ alg: "none" }),
  "alg NONE in another case": () => signedAs({ alg: "nOnE" }).replace(/[^.]+$/, ""),
  "an algorithm of public keys": () => signedAs({ alg: "RS256" }),
  "another algorithm of secrets": () => signedAs({ alg: "HS512" }),
  "a key of its own": () =>
    signedAs({ alg: "HS256", jwk: { kty: "oct", k: "AAAA" }, crit: ["jwk"] }),
  "the header of another token": () => {
    const [, claims, signature] = fresh().split(".");
    return `${inBase64({ alg: "HS256", kid: "another" })}.${claims}.${signature}`;
  },
};

/** A token that the server has taken, and with which it has ended a socket: ready to be replayed. */
async function endedToken(ground: Ground): Promise<string> {
  const text = token({
    sub: ATTACKER,
    projects: [ground.own],
    permissions: ["subscribe"],
    exp: inSeconds(2 - CLOCKS_DIFFER),
  });
  const outcomes = await onWire(ground, async (wire) => {
    wire.write(handshake(`/party/${ground.own}?token=${text}`));
    return `${await nextOutcome(wire)}, ${await nextFrame(wire)}`;
  });
  if (outcomes === `CONNECTED to ${ground.own}, ${EXPIRED}`) return text;
  throw new Error(`the socket of a token that ends went otherwise: ${outcomes}`);
}
