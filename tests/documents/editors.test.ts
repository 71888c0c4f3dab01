/**
 * Tiptap in a real browser, as its users write it: each window on another unmodified provider, with nothing but the
 * address and a token. docs/protocol.md, P13.1, P13.5, P13.7.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch } from "../support/chromium.ts";
import { SharedDocument } from "../support/document.ts";
import { startOnPage } from "../support/program.ts";
import { startServer } from "../support/target.ts";
import { caretToEnd } from "../support/tiptap.ts";
import { inSeconds, JWT_SECRET, token } from "../support/token.ts";

const server = await startServer({ vars: { CONNECT_AUTH: "jwt", JWT_SECRET } });

/** How an app makes its provider: `host`, `project`, `id`, `token` and `doc` are there. */
const PROVIDERS = {
  "y-partyserver": `
    import YProvider from "y-partyserver/provider";
    const connect = () =>
      new YProvider(host, project + "/" + id, doc, { party: "docs", params: { token } });`,
  "y-websocket": `
    import { WebsocketProvider } from "y-websocket";
    const connect = () =>
      new WebsocketProvider("ws://" + host + "/parties/docs/" + project, id, doc, { params: { token } });`,
  own: `
    import { DocumentProvider } from "./packages/realtime/src/yjs.ts";
    const connect = () =>
      new DocumentProvider({ host, projectId: project, docId: id, doc, getToken: () => token });`,
};
type Kind = keyof typeof PROVIDERS;

const EDITOR = `
  import { Editor } from "@tiptap/core";
  import Collaboration from "@tiptap/extension-collaboration";
  import CollaborationCaret from "@tiptap/extension-collaboration-caret";
  import StarterKit from "@tiptap/starter-kit";
  import * as Y from "yjs";
  const doc = new Y.Doc();
  const provider = connect();
  const user = { name: "whoever I like", color: "#ff00aa" };
  globalThis.editor = new Editor({
    element: document.querySelector("#root"),
    extensions: [
      StarterKit.configure({ undoRedo: false }),
      Collaboration.configure({ document: doc }),
      CollaborationCaret.configure({ provider, user }),
    ],
  });`;

const HOOK = `
  import { createRoot } from "react-dom/client";
  import useYProvider from "y-partyserver/react";
  import { useEffect, useReducer } from "react";
  import * as Y from "yjs";
  const doc = new Y.Doc();
  function Note() {
    const provider = useYProvider({
      host, room: project + "/" + id, party: "docs", doc, options: { params: { token } },
    });
    const [, render] = useReducer((count) => count + 1, 0);
    useEffect(() => doc.on("update", render), []);
    const text = doc.getText("note");
    const type = ({ target }) => doc.transact(() => {
      text.delete(0, text.length);
      text.insert(0, target.value);
    });
    return <textarea value={text.toString()} onChange={type} title={provider.url} />;
  }
  createRoot(document.querySelector("#root")).render(<Note />);`;

describe("an editor in a browser", () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** Opens a page of somebody with the document. */
  async function open(shared: SharedDocument, name: string, code: string): Promise<Page> {
    const claims = { sub: name.toLowerCase(), name, permissions: ["doc:write"] };
    const constants = {
      host: new URL(server.url).host,
      project: shared.project,
      id: shared.id,
      token: token({ ...claims, exp: inSeconds(300) }),
    };
    const preamble = Object.entries(constants)
      .map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`)
      .join("\n");
    const { page } = await startOnPage(browser, `${preamble}\n${code}`);
    return page;
  }

  const write = (shared: SharedDocument, name: string, kind: Kind) =>
    open(shared, name, PROVIDERS[kind] + EDITOR);

  for (const [first, second] of [
    ["y-partyserver", "y-partyserver"],
    ["y-websocket", "y-websocket"],
    ["own", "y-partyserver"],
  ] as const)
    test(`P13.5, P13.7 Tiptap on ${first} and on ${second}: both see the text, the caret and the name`, async () => {
      const shared = new SharedDocument(server);
      const ann = await write(shared, "Ann", first);
      const ben = await write(shared, "Ben", second);
      await ann.locator(".tiptap").click();
      await ann.keyboard.type("Written by Ann");
      await ben.locator(".tiptap", { hasText: "Written by Ann" }).waitFor();
      const label = ben.locator(".collaboration-carets__label");
      await label.waitFor();
      assert.equal(await label.textContent(), "Ann", "the token's name, not the client's");
      await ben.locator(".tiptap").click();
      await caretToEnd(ben);
      await ben.keyboard.press("Enter");
      await ben.keyboard.type("and by Ben");
      await ann.locator(".tiptap p", { hasText: "and by Ben" }).waitFor();
      await ann.locator(".collaboration-carets__label", { hasText: "Ben" }).waitFor();
      assert.match(await shared.text("default"), /Written by Ann\nand by Ben/);
      await ben.close();
      await ann.locator(".collaboration-carets__label").waitFor({ state: "detached" });
      await ann.close();
    });

  test("P13.5 useYProvider in React", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await open(shared, "Ann", HOOK), await open(shared, "Ben", HOOK)];
    await ann.locator("textarea").fill("from a hook");
    await ben.waitForFunction(() => document.querySelector("textarea")?.value === "from a hook");
    await Promise.all([ann.close(), ben.close()]);
  });
});
