/** The samples in docs/encryption.md work as described: with keys from an API, and with keys of devices. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { emptyDatabase } from "../../examples/taskboard/tests/support/database.ts";
import { blocksOf, sectionsWithCode } from "../../scripts/check/readme.ts";
import { NPM_BIN, ROOT } from "../../scripts/common/paths.ts";
import { launch } from "../support/chromium.ts";
import { Program, startOnPage } from "../support/program.ts";
import { Readme } from "../support/readme.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../support/target.ts";
import { JWT_SECRET, token } from "../support/token.ts";

/** The sections that have samples, in order. All other code is of the specification. */
const SAMPLES = ["In the client", "In the backend", "Removing a member", "The members' devices"];

/** What the samples take from the app around them. */
const APP = `
declare const projectId: string;
declare const userId: string;
declare function getToken(): Promise<string>;
declare function isMember(projectId: string, userId: string): Promise<boolean>;
declare function takeOffTheList(projectId: string, userId: string): Promise<void>;
declare function confirmedByUser(fingerprint: string): Promise<boolean>;
declare const database: import("pg").Pool;
declare const app: import("hono").Hono<{ Variables: { user: { id: string } } }>;
declare const requireUser: import("hono").MiddlewareHandler;
declare const keyStore: import("@validiant/realtime/server").EpochKeyStore;
declare const api: {
  addDevice(projectId: string, device: { id: string; publicKey: string }): Promise<void>;
  fetchWrapped: import("@validiant/realtime/encryption/devices").FetchWrapped;
  storeWrapped(
    projectId: string,
    deviceId: string,
    wrapped: import("@validiant/realtime/encryption/devices").WrappedKey,
  ): Promise<void>;
};
`;

/** The app of the samples: a Hono API with a database, whose members are a list. Its pages fetch from it. */
const BACKEND = `
import { PGlite } from "@electric-sql/pglite";
import { EPOCH_KEYS_SQL } from "@validiant/realtime/server";
import { Hono } from "hono";
const database = await PGlite.create(process.env.DATABASE_FOLDER);
await database.exec(EPOCH_KEYS_SQL);
const members = new Set(["ann", "ben"]);
const isMember = async (projectId, userId) => members.has(userId);
const takeOffTheList = async (projectId, userId) => members.delete(userId);
const app = new Hono();
const requireUser = async (c, next) => {
  c.set("user", { id: "ann" });
  await next();
};
const network = globalThis.fetch;
globalThis.fetch = (url, init) => (\`\${url}\`.startsWith("/") ? app.request(url) : network(url, init));
const projectId = "demo";
const getToken = async () => process.env.TOKEN;
`;

const RUN = `
import { broadcastToProject } from "@validiant/realtime/server";
tell("begun");
const next = (name, found = () => true) =>
  new Promise((resolve) => {
    const stop = project.on(name, (event) => found(event.payload) && (stop(), resolve(event.payload)));
  });
const connected = (status) => status.state === "online";
if (!connected(project.status)) await next("status", connected);
tell("online");
const first = next("TASK_UPDATED");
await encryptProject("demo");
tell("encrypted");
await broadcastToProject("demo", "TASK_UPDATED", { taskId: "t1" });
tell("got", await first);
const second = next("TASK_UPDATED");
await removeMember("demo", "ben");
await broadcastToProject("demo", "TASK_UPDATED", { taskId: "t2" });
tell("got", await second);
tell("epoch", project.encryption?.epoch);
members.delete("ann");
tell("answer to a removed member", (await fetch("/api/keys/demo/current")).status);
`;

describe("docs/encryption.md", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer({ vars: { CLIENT_EVENTS: "on", JWT_SECRET } });
  const page = await Readme.read(join("docs", "encryption.md"), server);
  const [client, backend, removal, devices] = SAMPLES.map((each) => page.code(each, 1)[0] ?? "");

  test("what is run or compiled here is all that has samples", () => {
    const isTypeScript = (heading: string) =>
      blocksOf(page.text, heading).some(({ language }) => language === "ts");
    assert.deepEqual(sectionsWithCode(page.text).filter(isTypeScript), SAMPLES);
  });

  test("every sample compiles", () => {
    const folder = mkdtempSync(join(ROOT, "target", "encryption-"));
    after(() => rmSync(folder, { recursive: true, force: true }));
    for (const [at, code] of [client, backend, removal, devices].entries())
      writeFileSync(join(folder, `sample-${at}.ts`), `${code}export {};\n`);
    writeFileSync(join(folder, "app.d.ts"), APP);
    const compilerOptions = {
      ...{ target: "es2022", module: "esnext", moduleResolution: "bundler", strict: true },
      ...{ noEmit: true, skipLibCheck: true, types: [], lib: ["es2022", "dom"] },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    const compiler = spawnSync(process.execPath, [join(NPM_BIN, "tsc"), "--project", folder]);
    assert.equal(`${compiler.stdout}`, "");
  });

  test("a project is encrypted, and a removed member reads nothing from then on", async () => {
    const room = server.room("demo");
    const ben = await room.user("ben");
    const folder = await emptyDatabase();
    after(() => rmSync(folder, { recursive: true, force: true }));
    const { said } = await Program.start(BACKEND + backend + removal + client + RUN, {
      env: {
        ...{ REALTIME_URL: server.url, BROADCAST_SECRET: SECRET },
        DATABASE_FOLDER: folder,
        TOKEN: token(),
        EPOCH_WRAPPING_KEYS: randomBytes(32).toString("base64"),
      },
    });
    for (const step of ["begun", "online", "encrypted"]) await said.next([step]);
    const got = async () => (await said.next(["got"])).payload;
    assert.deepEqual(await got(), { taskId: "t1" });
    assert.deepEqual(await got(), { taskId: "t2" });
    assert.equal((await said.next(["epoch"])).payload, 2);
    assert.equal((await said.next(["answer to a removed member"])).payload, 403);
    await ben.close();
    const events = ben.frames.filter(({ type }) => type === "TASK_UPDATED");
    assert.deepEqual(
      events.map(({ payload }) => [payload.e2e, payload.k]),
      [[1, 1]],
    );
    assert.equal(JSON.stringify(ben.frames).includes("taskId"), false);
  });

  test("devices make epochs for each other, and the app that stores them can't read", async () => {
    const app = await wrappingApp();
    const browser = await launch();
    after(() => browser.close());
    const open = (userId: string, then: string) =>
      startOnPage(browser, onPage(userId, app.url, server.url, devices ?? "") + then);
    const ben = await open("ben", "tell('device', device);");
    const { id } = (await ben.said.next(["device"])).payload;
    // Ann's page trusts both devices, makes the first epoch for them, and sends.
    const ann = await open(
      "ann",
      `const all = await api.devices(projectId);
      for (const other of all) await trust(other);
      await makeEpoch(1, all);
      await connect();
      tell("made");`,
    );
    await ann.said.next(["made"]);
    // Ben's trusts Ann's, and reads.
    await ben.page.evaluate("trustAll().then(connect).then(() => tell('connected'))");
    await ben.said.next(["connected"]);
    await ann.page.evaluate("project.send('client-hello', { from: 'ann' })");
    assert.deepEqual((await ben.said.next(["client-hello"])).payload, { from: "ann" });
    // After a reload it is the same device, with the same pins.
    await ben.page.reload();
    assert.equal((await ben.said.next(["device"])).payload.id, id);
    await ben.page.evaluate("connect().then(() => tell('again'))");
    await ben.said.next(["again"]);
    await ann.page.evaluate("project.send('client-hello', { from: 'ann', again: true })");
    const heard = await ben.said.next(["client-hello"]);
    assert.deepEqual(heard.payload, { from: "ann", again: true });
    // An app that swaps a key is noticed.
    await ben.page.evaluate(
      "api.swapKeys().then(trustAll).catch(({ code }) => tell('refused', code))",
    );
    assert.equal((await ben.said.next(["refused"])).payload, "changed_key");
  });
});

/** The sample on a page of this user, and what the tests call there. */
function onPage(userId: string, app: string, realtime: string, sample: string): string {
  return `
    import { connectProject } from "@validiant/realtime";
    const userId = "${userId}", projectId = "secrets";
    const confirmedByUser = async (fingerprint) => /^(\\d{5} ){11}\\d{5}$/.test(fingerprint);
    const call = async (...asked) =>
      (await fetch("${app}", { method: "POST", body: JSON.stringify(asked) })).json();
    const api = Object.fromEntries(["addDevice", "devices", "fetchWrapped", "storeWrapped", "swapKeys"]
      .map((name) => [name, (...args) => call(name, ...args)]));
    ${sample}
    const trustAll = async () => {
      for (const other of await api.devices(projectId)) await trust(other);
      keys.refresh();
    };
    const connect = () => new Promise((resolve) => {
      globalThis.project = connectProject({
        host: "${new URL(realtime).host}", projectId, user: { id: userId }, encryption: { keys },
      });
      project.on("client-hello", ({ payload }) => tell("client-hello", payload));
      const settle = () => project.status.state === "online" && project.encryption && resolve();
      project.on("encryption", settle);
      project.on("status", settle);
    });
    Object.assign(globalThis, { api, connect, tell, trustAll });
  `;
}

/** An API that stores devices and wrapped keys, for pages of any origin. */
async function wrappingApp() {
  const devices: { id: string; publicKey: string }[] = [];
  const stored = new Map<string, { epoch: number }>();
  const nameOf = (...parts: unknown[]) => JSON.stringify(parts);
  const answers: Record<string, (...args: never[]) => unknown> = {
    addDevice: (_: string, device: { id: string; publicKey: string }) => {
      if (!devices.some(({ id }) => id === device.id)) devices.push(device);
    },
    devices: () => devices,
    swapKeys: () => {
      for (const device of devices) device.publicKey = randomBytes(32).toString("base64url");
    },
    storeWrapped: (project: string, to: string, wrapped: { epoch: number }) => {
      stored.set(nameOf(project, wrapped.epoch, to), wrapped);
    },
    fetchWrapped: (project: string, epoch: number | "current", to: string) => {
      const epochs = epoch === "current" ? [3, 2, 1] : [epoch];
      return epochs.map((each) => stored.get(nameOf(project, each, to))).find(Boolean);
    },
  };
  const web = createServer(async (request, response) => {
    const [name, ...args] = JSON.parse((await request.toArray()).join(""));
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.end(JSON.stringify(answers[name]?.(...(args as never[])) ?? null));
  });
  after(() => web.close());
  await once(web.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${(web.address() as AddressInfo).port}` };
}
