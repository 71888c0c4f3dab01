/** The API route in docs/backends.md and the clients in docs/clients.md work together. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Program } from "../support/program.ts";
import { Readme } from "../support/readme.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { JWT_SECRET } from "../support/token.ts";

/** A Hono API, and how a page asks it. Its own sign-in is left to it: everybody is ann. */
const API = `
import { Hono } from "hono";
const app = new Hono();
const projectId = "demo";
const requireMember = async (c, next) => {
  c.set("user", { id: "ann", name: "Ann" });
  await next();
};
globalThis.fetch = (path) => app.request(path, {}, { JWT_SECRET: process.env.JWT_SECRET });
`;

const CONNECT = `
import PartySocket from "partysocket";
let position;
const socket = new PartySocket({ host: "localhost:1999", party: "main", room: projectId, query });
socket.addEventListener("message", ({ data }) => console.debug(data));
`;

describe("a token", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const vars = { CONNECT_AUTH: undefined, ALLOWED_ORIGINS: undefined, JWT_SECRET };
  const { server } = await startOwnServer({ vars });
  const { host } = new URL(server.url);
  const [route] = (await Readme.read(join("docs", "backends.md"), server)).code(
    "Tokens for people",
    1,
  );
  const clients = await Readme.read(join("docs", "clients.md"), server);
  const [getToken, connect, query] = clients.code("Tokens", 3);
  const start = (client: string) =>
    Program.start(API + route + getToken + client, { env: { JWT_SECRET } });

  test("of the route lets the client of the package in, under the name that the API says", async () => {
    const { said } = await start(connect ?? "");
    assert.deepEqual((await said.next(["logged"])).payload, [["Ann"]]);
  });

  test("of the route lets partysocket in", async () => {
    const { said } = await start(query + CONNECT.replace("localhost:1999", host));
    const { payload } = await said.next(["CONNECTED"]);
    const [{ userId, userName, verified }] = payload.users;
    assert.deepEqual([userId, userName, verified], ["ann", "Ann", true]);
  });
});
