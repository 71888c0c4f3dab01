/** The code in the README of the package works: each block is run exactly as it is. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { sectionsWithCode } from "../../../../scripts/check/readme.ts";
import { ROOT } from "../../../../scripts/common/paths.ts";
import { launch } from "../../../../tests/support/chromium.ts";
import type { Inbox } from "../../../../tests/support/inbox.ts";
import { Program, startOnPage } from "../../../../tests/support/program.ts";
import { Readme } from "../../../../tests/support/readme.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../../../../tests/support/target.ts";
import { JWT_SECRET, token } from "../../../../tests/support/token.ts";
import type { ProjectConnection } from "../../src/index.ts";
import { createBroadcaster } from "../../src/server.ts";
import { KeyApi, keyOf } from "../support/sealed.ts";
import { type Watcher, watcher } from "../support/watcher.ts";

/** The same connection, typed for the event that the README declares. */
const connectionOf = ({ project }: Watcher) =>
  project as ProjectConnection<{ "client-nudge": { taskId: string } }>;

const PACKAGE = join("packages", "realtime", "README.md");

/** What the blocks of a client take from the app around them. */
const REFETCH = `
const refetchTask = (taskId) => tell("task", taskId);
const refetchEverything = () => tell("everything");
`;

const LOG = `
const log = { warn: (fields, message) => tell("warning", { ...fields, message }) };
`;

/** What the blocks of React take from the app around them. */
const AROUND = `
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
const queryClient = new QueryClient();
globalThis.isFetching = () => queryClient.isFetching() > 0;
const toast = (text) => tell("toast", text);
function Query({ queryKey }) {
  const { data } = useQuery({ queryKey, queryFn: () => fetch("/api/" + queryKey.join("/")).then((response) => response.text()) });
  return <p>{data}</p>;
}
const show = (...children) =>
  createRoot(document.getElementById("root")).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>{...children}</QueryClientProvider>
    </StrictMode>,
  );
`;

describe("README.md of the package, in plain JavaScript", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer();
  const readme = await Readme.read(PACKAGE, server);
  const room = server.room("demo");
  const [follow, read, leave] = readme.code("Plain JavaScript", 3);
  const client = `${REFETCH} ${follow} project.on("LEAVE", () => { ${leave} }); ${read} tell("left");`;

  /** A client hears of all that it is shown to hear of, and leaves at once. */
  async function assertFollows(said: Inbox): Promise<void> {
    const ben = await room.user("ben", "Ben");
    await said.next(["everything"]);
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    assert.equal((await said.next(["task"])).payload, "t1");
    await room.broadcast("LEAVE");
    await said.next(["left"]);
    assert.equal((await ben.next("USER_LEFT")).payload.userId, "ann");
    const logged = said.frames.filter(({ type }) => type === "logged");
    const lines = logged.map(({ payload }) => JSON.stringify(payload));
    assert.ok(lines.includes('["online","Connected."]'), lines.join());
    assert.ok(lines.includes('["TASK_UPDATED",{"taskId":"t1"}]'), lines.join());
    assert.ok(
      lines.some((line) => line.endsWith(",2]")),
      lines.join(),
    );
    await ben.leave();
  }

  test("what is run, here and by npm run check:package, is all that has code", () => {
    assert.deepEqual(sectionsWithCode(readme.text), [
      "React",
      "TanStack Query",
      "People at work",
      "React Native",
      "Plain JavaScript",
      "Events of your own",
      "Between clients",
      "Working offline", // offline/docs.test.ts
      "Documents", // npm run check:package, and with the editors tests/docs/documents.test.ts
      "Encryption",
      "Tokens",
      "A backend",
    ]);
  });

  test("its links hold where npm shows it: they are absolute, and their files are here", () => {
    const links = [...readme.text.matchAll(/\]\(([^)#]+)/g)].map(([, link = ""]) => link);
    const repository = "https://github.com/validiant/validiant-realtime";
    for (const link of links) {
      assert.ok(link.startsWith(repository), link);
      const file = link.slice(repository.length).replace("/blob/main/", "");
      assert.ok(existsSync(join(ROOT, file)), link);
    }
  });

  test("in Node it hears of events, people and its state, and ends when it has left", async () => {
    const program = await Program.start(client);
    await assertFollows(program.said);
    assert.equal(await program.end(), 0);
  });

  test("on a page it hears of events, people and its state", async () => {
    const browser = await launch();
    after(() => browser.close());
    const { said } = await startOnPage(browser, client);
    await assertFollows(said);
  });

  test("a broadcast that fails is logged as configured", async () => {
    const page = await Readme.read(join("docs", "backends.md"), server);
    const [configure] = page.code("Options", 1);
    const broadcast = `
      import { broadcastToProject } from "@validiant/realtime/server";
      await broadcastToProject("demo", "TASK_UPDATED", { taskId: "t1" });
    `;
    const env = { REALTIME_URL: server.url, BROADCAST_SECRET: "another" };
    const { said } = await Program.start(LOG + configure + broadcast, { env });
    const { payload } = await said.next(["warning"]);
    assert.deepEqual([payload.code, payload.type], ["unauthorized", "TASK_UPDATED"]);
    assert.match(payload.message, /\w/);
  });
});

test("clients hear of each other as the README shows", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer({ vars: { CLIENT_EVENTS: "on" } });
  const readme = await Readme.read(PACKAGE, server);
  const [client, nudge] = readme.code("Between clients", 2);
  const room = server.room("demo");
  const ben = await watcher(room, { user: { id: "ben", name: "Ben" } });
  const { said } = await Program.start(`${client} project.on("NUDGE", () => { ${nudge} });`);
  await ben.next("USER_UPDATED");
  const [ann] = ben.project.others;
  assert.deepEqual(ann?.data, { at: "task:t1", selection: ["t1", "t2"] });
  ben.project.setPresence({ at: "task:t2" });
  const logged = async (line: unknown[]) => {
    for (;;) {
      const { payload } = await said.next(["logged"]);
      if (JSON.stringify(payload) === JSON.stringify(line)) return;
    }
  };
  await logged(["Ben", "task:t2"]);
  connectionOf(ben).send("client-nudge", { taskId: "t9" });
  await logged(["ben", "t9"]);
  await room.broadcast("NUDGE");
  assert.deepEqual((await ben.next("client-nudge")).payload, { taskId: "t1" });
});

test("a page reads and says what the server can't, as the README shows", {
  skip: NEEDS_OWN_RUNTIME,
}, async () => {
  const { server } = await startOwnServer({ vars: { CLIENT_EVENTS: "on" } });
  const readme = await Readme.read(PACKAGE, server);
  const [client] = readme.code("Encryption", 1);
  const api = new KeyApi(1);
  const room = server.room("demo");
  const browser = await launch();
  after(() => browser.close());
  const key = Buffer.from(keyOf(1)).toString("base64url");
  const answer = (path: string) =>
    JSON.stringify(/^\/api\/keys\/demo\/(current|1)$/.test(path) ? { epoch: 1, key } : null);
  const { said } = await startOnPage(browser, client ?? "", { api: answer });
  assert.deepEqual((await said.next(["logged"])).payload, ["encrypted", 1]);
  const encryption = { keys: api.member() };
  const ben = await watcher(room, { user: { id: "ben" }, encryption });
  const realtime = createBroadcaster({ url: server.url, secret: SECRET, encryption });
  await realtime.publishToProject("demo", "TASK_UPDATED", { taskId: "t1" });
  assert.deepEqual((await said.next(["logged"])).payload, ["changed", "t1"]);
  assert.deepEqual((await ben.next("TASK_UPDATED")).payload, { taskId: "t1" });
  await room.broadcast("TASK_UPDATED", { payload: { taskId: "forged" } });
  assert.deepEqual((await said.next(["logged"])).payload, ["TASK_UPDATED", "plaintext", null]);
});

describe("README.md of the package, in React", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const vars = { CONNECT_AUTH: undefined, ALLOWED_ORIGINS: undefined, JWT_SECRET };
  const { server } = await startOwnServer({ vars });
  const readme = await Readme.read(PACKAGE, server);
  const browser = await launch();
  after(() => browser.close());

  /** Shows this on a page; its backend answers each query with its path and how the data is. */
  async function open(code: string) {
    const backend = { data: "old" };
    const api = (path: string) =>
      path === "/api/realtime-token"
        ? JSON.stringify({ token: token({ name: "Ann" }) })
        : `${path} ${backend.data}`;
    return { backend, ...(await startOnPage(browser, AROUND + code, { api })) };
  }

  /** Waits until a page that is connected has fetched all that it fetches for the connection. */
  const fetched = (page: Page) => page.waitForFunction("!isFetching()");

  test("a component shows who is there, tells of an event, and has the query fetched that it changed", async () => {
    const room = server.room();
    const [component] = readme.code("React", 1);
    const { page, said, backend } = await open(`${component}
      show(<ProjectPage projectId="${room.id}" />, <Query queryKey={["tasks", "${room.id}"]} />);
    `);
    await page.getByText("1 here").waitFor();
    const ben = await room.join({ token: token({ sub: "ben" }) });
    await page.getByText("2 here").waitFor();
    await fetched(page);
    backend.data = "new";
    await room.broadcast("TASK_ASSIGNED", { payload: { taskId: "t1", assigneeId: "ben" } });
    assert.equal((await said.next(["toast"])).payload, "A task for ben");
    await page.getByText(`/api/tasks/${room.id} new`).waitFor();
    await ben.leave();
    await page.close();
  });

  test("queries under keys of the app's own are fetched when an event changes them", async () => {
    const room = server.room();
    const [map] = readme.code("TanStack Query", 1);
    const { page, backend } = await open(`${map}
      import { useProjectRealtime } from "@validiant/realtime/react";
      const getToken = async () => (await (await fetch("/api/realtime-token")).json()).token;
      function Project({ id }) {
        const { status } = useProjectRealtime(id, { host: "${server.url}", getToken });
        return <p>{status.reason}</p>;
      }
      const keys = [["board", "${room.id}"], ["board", "${room.id}", "t1"], ["files", "t1"]];
      show(<Project id="${room.id}" />, ...keys.map((queryKey) => <Query queryKey={queryKey} />));
    `);
    const shows = (query: string) =>
      page.getByText(`/api/${query} ${backend.data}`, { exact: true }).waitFor();
    await page.getByText("Connected.").waitFor();
    await fetched(page);
    backend.data = "new";
    await room.broadcast("FILE_UPLOADED", { payload: { taskId: "t1" } });
    await shows("files/t1");
    backend.data = "newer";
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    await shows(`board/${room.id}`);
    await shows(`board/${room.id}/t1`);
    await page.close();
  });
});

describe("README.md of the package, of people at work", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer({ vars: { CLIENT_EVENTS: "on" } });
  const readme = await Readme.read(PACKAGE, server);
  const [whiteboard, field] = readme.code("People at work", 2);
  const browser = await launch();
  after(() => browser.close());
  const open = async (code: string) => (await startOnPage(browser, AROUND + code)).page;

  test("a component shows who else is here, who is typing, and their cursors", async () => {
    const room = server.room();
    const [ann, ben] = await Promise.all(
      ["Ann", "Ben"].map((name) =>
        open(`${whiteboard} show(<Whiteboard projectId="${room.id}" name="${name}" />);`),
      ),
    );
    await ben?.getByText("Also here: Ann").waitFor();
    await ann?.getByText("Also here: Ben").waitFor();
    await ann?.locator("textarea").pressSequentially("hello");
    await ben?.getByText("Ann is typing…").waitFor();
    await ann?.locator("textarea").blur();
    await ben?.getByText("Ann is typing…").waitFor({ state: "detached" });
    const board = await ann?.locator("div").last().boundingBox();
    const { x = 0, y = 0 } = board ?? {};
    await ann?.mouse.move(x + 100, y + 50);
    await ben?.locator("b", { hasText: "Ann" }).waitFor();
    const cursor = await ben?.locator("b").boundingBox();
    assert.ok(Math.abs((cursor?.x ?? 0) - x - 100) < 1, `${cursor?.x}`);
    assert.ok(Math.abs((cursor?.y ?? 0) - y - 50) < 1, `${cursor?.y}`);
    await ann?.close();
    await ben?.locator("b").waitFor({ state: "detached" });
    await ben?.close();
  });

  test("a field says who is editing it", async () => {
    const room = server.room();
    const [ann, ben] = await Promise.all(
      ["Ann", "Ben"].map((name) =>
        open(`
          import { useProjectRealtime } from "@validiant/realtime/react";
          ${field}
          function Task() {
            const user = { id: "${name}", name: "${name}" };
            const { status } = useProjectRealtime("${room.id}", { host: "${server.url}", user });
            return <div title={status.state}><TitleField taskId="t1" /></div>;
          }
          show(<Task />);
        `),
      ),
    );
    await ben?.getByTitle("online").waitFor();
    await ann?.getByTitle("online").waitFor();
    await ann?.getByLabel("Title").focus();
    await ben?.getByText("Ann is editing the title").waitFor();
    await ann?.getByLabel("Title").blur();
    await ben?.getByText("Title", { exact: true }).waitFor();
    await Promise.all([ann?.close(), ben?.close()]);
  });
});
