/** The samples in README.md and docs/clients.md for frontends with the npm package work as described. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { sectionsWithCode } from "../../scripts/check/readme.ts";
import { launch } from "../support/chromium.ts";
import type { Inbox } from "../support/inbox.ts";
import { Program, startOnPage } from "../support/program.ts";
import { startOnReactNative } from "../support/react-native.ts";
import { Readme } from "../support/readme.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";

/** Shows the component of the section on React. */
const SHOW_PROJECT = `
import { createRoot } from "react-dom/client";
createRoot(document.getElementById("root")).render(<Project id="demo" />);
`;

/** Shows the component of the section on people at work. */
const SHOW_WHITEBOARD = `
import { createRoot } from "react-dom/client";
createRoot(document.getElementById("root")).render(<Whiteboard projectId="work" name="NAME" />);
`;

describe("a frontend", { skip: NEEDS_OWN_RUNTIME }, async () => {
  // As in development.
  const { server } = await startOwnServer({ vars: { CLIENT_EVENTS: "on" } });
  const readme = await Readme.read("README.md", server);
  const page = await Readme.read(join("docs", "clients.md"), server);
  const room = server.room("demo");
  const browser = await launch();
  after(() => browser.close());

  /** A client shows who is present, that it must fetch everything, and what an event has changed. */
  async function assertFollows(said: Inbox): Promise<void> {
    const logged = async () => (await said.next(["logged"])).payload;
    assert.deepEqual(await logged(), ["1 here"]);
    assert.deepEqual(await logged(), ["fetch everything again"]);
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    assert.deepEqual(await logged(), ["fetch t1 again"]);
  }

  /** A component shows who is present, and each event, even if several arrive at once. */
  async function assertShows(text: (wanted: string) => Promise<unknown>): Promise<void> {
    await text("1 here, changed:");
    const ben = await room.user("ben");
    await text("2 here, changed:");
    const events = ["t1", "t2", "t3"].map((taskId) => ({
      eventType: "TASK_UPDATED",
      payload: { taskId },
    }));
    assert.equal((await room.post({ events })).status, 200);
    await text("2 here, changed: t1 t2 t3");
    await ben.leave();
  }

  test("what is run, here and beside, is all that has code in docs/clients.md", () => {
    assert.deepEqual(sectionsWithCode(page.text), [
      "React",
      "Next.js", // readme-serverless.test.ts
      "React Native",
      "Plain JavaScript",
      "partysocket alone", // readme-partysocket.test.ts
      "Tokens", // readme-tokens.test.ts
    ]);
  });

  test("plain JavaScript in Node hears of people and events, and ends when it has left", async () => {
    const [code] = page.code("Plain JavaScript", 1);
    const program = await Program.start(`${code} project.on("LEAVE", () => project.close());`);
    await assertFollows(program.said);
    await room.broadcast("LEAVE");
    assert.equal(await program.end(), 0);
  });

  test("the component of the README hears of people and events", async () => {
    const [code = ""] = readme.code("In your app", 2);
    const { page: tab, said } = await startOnPage(browser, code + SHOW_PROJECT);
    await tab.getByText("1 here").waitFor();
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    assert.deepEqual((await said.next(["logged"])).payload, ["fetch t1 again"]);
    await tab.close();
  });

  test("people of the README see each other, and who types", async () => {
    const [code = ""] = readme.code("People at work", 1);
    const open = async (name: string) => {
      const show = SHOW_WHITEBOARD.replace("NAME", name);
      const { page: tab } = await startOnPage(browser, code + show);
      return tab;
    };
    const [ann, ben] = await Promise.all([open("ann"), open("ben")]);
    await ann.getByText("Also here: ben").waitFor();
    await ben.getByText("Also here: ann").waitFor();
    await ann.locator("textarea").pressSequentially("Hi");
    await ben.getByText("ann is typing…").waitFor();
    await Promise.all([ann.close(), ben.close()]);
  });

  test("plain JavaScript on a page hears of people and events", async () => {
    const [code = ""] = page.code("Plain JavaScript", 1);
    const { page: tab, said } = await startOnPage(browser, code);
    await assertFollows(said);
    await tab.close();
  });

  test("a component of React shows people and events", async () => {
    const [code] = page.code("React", 1);
    const { page: tab } = await startOnPage(browser, code + SHOW_PROJECT);
    await assertShows((wanted) => tab.getByText(wanted, { exact: true }).waitFor());
    await tab.close();
  });

  test("a screen of React Native shows people and events, where there is no EventTarget", async () => {
    const [code] = page.code("React Native", 1);
    const { said } = await startOnReactNative(`${code} const Screen = Project;`);
    await assertShows(async (wanted) => {
      while ((await said.next(["shows"])).payload.trim() !== `Connected. ${wanted}`);
    });
  });
});
