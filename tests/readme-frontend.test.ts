/** What README.md shows to a frontend that takes the npm package does what it says: each block is run as it stands there. */

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { launch } from "./support/chromium.ts";
import type { Inbox } from "./support/inbox.ts";
import { Program, startOnPage } from "./support/program.ts";
import { startOnReactNative } from "./support/react-native.ts";
import { Readme } from "./support/readme.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "./support/target.ts";

/** Shows the component of the section on React. */
const SHOW_PROJECT = `
import { createRoot } from "react-dom/client";
createRoot(document.getElementById("root")).render(<Project id="demo" />);
`;

describe("README.md", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer();
  const readme = await Readme.read("README.md", server);
  const room = server.room("demo");
  const browser = await launch();
  after(() => browser.close());

  /** A client says who is there, that it has to fetch everything, and what an event has changed. */
  async function assertFollows(said: Inbox): Promise<void> {
    const logged = async () => (await said.next(["logged"])).payload;
    assert.deepEqual(await logged(), ["1 here"]);
    assert.deepEqual(await logged(), ["fetch everything anew"]);
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    assert.deepEqual(await logged(), ["fetch t1 anew"]);
  }

  /** A component shows who is there, and the event that came last. */
  async function assertShows(text: (wanted: string) => Promise<unknown>): Promise<void> {
    await text("1 here, last event: resync");
    const ben = await room.user("ben");
    await text("2 here, last event: USER_JOINED");
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    await text("2 here, last event: TASK_UPDATED");
    await ben.leave();
  }

  test("plain JavaScript in Node hears of people and events, and ends when it has left", async () => {
    const [code] = readme.code("Plain JavaScript", 1);
    const program = await Program.start(`${code} project.on("LEAVE", () => project.close());`);
    await assertFollows(program.said);
    await room.broadcast("LEAVE");
    assert.equal(await program.end(), 0);
  });

  test("plain JavaScript on a page hears of people and events", async () => {
    const [code = ""] = readme.code("Plain JavaScript", 1);
    const { page, said } = await startOnPage(browser, code);
    await assertFollows(said);
    await page.close();
  });

  test("a component of React shows people and events", async () => {
    const [code] = readme.code("React", 1);
    const { page } = await startOnPage(browser, code + SHOW_PROJECT);
    await assertShows((wanted) => page.getByText(wanted).waitFor());
    await page.close();
  });

  test("a screen of React Native shows people and events, where there is no EventTarget", async () => {
    const [code] = readme.code("React Native", 1);
    const { said } = await startOnReactNative(`${code} const Screen = Project;`);
    await assertShows(async (wanted) => {
      while ((await said.next(["shows"])).payload !== `Connected. ${wanted}`);
    });
  });
});
