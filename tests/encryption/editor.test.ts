/** Tiptap in a real browser on encrypted documents: the editor is as it was, and the app adds nothing but the keys. */

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

/** `host`, `projectId`, `docId` and `token` are there. */
const EDITOR = `
  import { Editor } from "@tiptap/core";
  import Collaboration from "@tiptap/extension-collaboration";
  import CollaborationCaret from "@tiptap/extension-collaboration-caret";
  import StarterKit from "@tiptap/starter-kit";
  import { appKeys } from "./packages/realtime/src/encryption.ts";
  import { DocumentProvider } from "./packages/realtime/src/yjs.ts";
  const keys = appKeys({ fetchKey: async () => ({ epoch: 1, key: "A".repeat(43) }) });
  const getToken = () => token;
  const provider = new DocumentProvider({ host, projectId, docId, getToken, encryption: { keys } });
  globalThis.editor = new Editor({
    element: document.querySelector("#root"),
    extensions: [
      StarterKit.configure({ undoRedo: false }),
      Collaboration.configure({ document: provider.doc }),
      CollaborationCaret.configure({ provider, user: { name, color: "#ff00aa" } }),
    ],
  });
  await provider.whenSynced;
  document.body.dataset.synced = "yes";
`;

describe("an editor in a browser, encrypted", () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** Opens a page of somebody with the document. */
  async function write({ project, id }: SharedDocument, name: string): Promise<Page> {
    const claims = { sub: name.toLowerCase(), name, permissions: ["doc:write"] };
    const constants = {
      ...{ host: new URL(server.url).host, projectId: project, docId: id, name },
      token: token({ ...claims, exp: inSeconds(300) }),
    };
    const preamble = Object.entries(constants)
      .map(([key, value]) => `const ${key} = ${JSON.stringify(value)};`)
      .join("\n");
    const { page } = await startOnPage(browser, `${preamble}\n${EDITOR}`);
    await page.locator("[data-synced]").waitFor();
    return page;
  }

  const shows = (page: Page, text: string) => page.locator(".tiptap", { hasText: text }).waitFor();

  test("P14.8 both see the text and the caret, and the server reads nothing", async () => {
    const shared = new SharedDocument(server);
    const [ann, ben] = [await write(shared, "Ann"), await write(shared, "Ben")];
    await ann.locator(".tiptap").click();
    await ann.keyboard.type("Written by Ann");
    await shows(ben, "Written by Ann");
    await ben.locator(".collaboration-carets__label", { hasText: "Ann" }).waitFor();
    await ben.locator(".tiptap").click();
    await caretToEnd(ben);
    await ben.keyboard.press("Enter");
    await ben.keyboard.type("and by Ben");
    await ann.locator(".tiptap p", { hasText: "and by Ben" }).waitFor();
    const answer = await shared.read();
    assert.equal(answer.status, 409);
    assert.equal((await answer.json()).code, "document_encrypted");
    await ben.close();
    await ann.locator(".collaboration-carets__label").waitFor({ state: "detached" });
    await ann.close();
  });

  test("P14.8 what was typed right before a page was left is there", async () => {
    const shared = new SharedDocument(server);
    const ann = await write(shared, "Ann");
    await ann.locator(".tiptap").click();
    await ann.keyboard.type("The last words");
    await ann.goto("about:blank");
    const ben = await write(shared, "Ben");
    await shows(ben, "The last words");
    await ben.close();
  });
});
