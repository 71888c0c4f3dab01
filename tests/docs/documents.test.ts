/** The samples in docs/documents.md work as described. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { blocksOf, sectionsWithCode } from "../../scripts/check/readme.ts";
import { NPM_BIN, ROOT } from "../../scripts/common/paths.ts";
import { launch } from "../support/chromium.ts";
import { Program, startOnPage } from "../support/program.ts";
import { Readme } from "../support/readme.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../support/target.ts";

/** What the blocks take from the app around them. */
const APP = `
declare function getToken(): Promise<string>;
declare function saveDescription(docId: string, text: string): Promise<void>;
declare function refreshAll(): void;
declare function fetchKey(projectId: string, epoch: number | "current"): Promise<{ epoch: number; key: string } | null>;
declare module "react-native" {
  export const AppState: { addEventListener(type: "change", listener: (state: string) => void): { remove(): void } };
}
`;

const SHOW = `
import { createRoot } from "react-dom/client";
createRoot(document.getElementById("root")).render(<Description projectId="demo" taskId="42" name="NAME" />);
`;

describe("docs/documents.md", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer({ vars: { DOCUMENT_CHANGED_EVENTS: "on" } });
  const docs = await Readme.read(join("docs", "documents.md"), server);
  const code = (heading: string) => docs.code(heading, 1)[0] ?? "";
  const browser = await launch();
  after(() => browser.close());
  const env = { REALTIME_URL: server.url, BROADCAST_SECRET: SECRET };

  /** Runs a sample on a page, where tokens are not needed. */
  async function open(sample: string, html?: string) {
    const app = 'const getToken = async () => "";\n';
    return startOnPage(browser, app + sample, html ? { html } : {});
  }

  const shows = (page: Page, text: string) => page.getByText(text).first().waitFor();

  test("what is run or compiled here is all that has code", () => {
    assert.deepEqual(
      sectionsWithCode(docs.text).filter((heading) => heading !== "Documents"),
      [
        "In React, with CodeMirror",
        "Without React, with Tiptap",
        "Offline",
        "First content",
        "A column for search",
        "Encrypted documents",
        "React Native",
        "From y-partyserver",
        "From y-websocket",
      ],
    );
  });

  test("every sample compiles", () => {
    const folder = mkdtempSync(join(ROOT, "target", "documents-"));
    after(() => rmSync(folder, { recursive: true, force: true }));
    for (const [at, heading] of sectionsWithCode(docs.text).entries())
      for (const { language, code } of blocksOf(docs.text, heading))
        if (language !== "sh")
          writeFileSync(join(folder, `sample-${at}.${language}`), `${code}export {};\n`);
    writeFileSync(join(folder, "app.d.ts"), APP);
    const compilerOptions = {
      ...{ target: "es2022", module: "esnext", moduleResolution: "bundler", jsx: "react-jsx" },
      ...{ strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ["es2022", "dom"] },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    const compiler = spawnSync(process.execPath, [join(NPM_BIN, "tsc"), "--project", folder]);
    assert.equal(`${compiler.stdout}`, "");
  });

  test("two people write one text with CodeMirror, and see each other's carets and what is saved", async () => {
    const sample = code("In React, with CodeMirror") + SHOW;
    const [ann, ben] = await Promise.all(
      ["Ann", "Ben"].map(async (name) => (await open(sample.replace("NAME", name))).page),
    );
    assert.ok(ann && ben);
    await ann.locator(".cm-content").pressSequentially("Hello");
    await shows(ben, "Hello");
    await ben.locator(".cm-content").press("ControlOrMeta+End");
    await ben.locator(".cm-content").pressSequentially(" you");
    await shows(ann, "Hello you");
    await ann.locator(".cm-ySelectionInfo", { hasText: "Ben" }).waitFor({ state: "attached" });
    await shows(ben, "Saved");
    await Promise.all([ann.close(), ben.close()]);
  });

  test("two people write one text with Tiptap, without React", async () => {
    const html =
      '<!doctype html><div id="editor"></div><script type="module" src="/page.js"></script>';
    const sample = code("Without React, with Tiptap");
    const [ann, ben] = await Promise.all([open(sample, html), open(sample, html)]);
    await ann.page.locator(".ProseMirror").pressSequentially("Dear Ben");
    await shows(ben.page, "Dear Ben");
    await ben.page.locator(".collaboration-carets__caret").waitFor({ state: "attached" });
    const { payload } = await ann.said.next(["logged"]);
    assert.deepEqual(payload, ["saving"]);
    assert.deepEqual((await ann.said.next(["logged"])).payload, ["saved"]);
    await Promise.all([ann.page.close(), ben.page.close()]);
  });

  test("what was typed offline is there after a reload, and is brought over", async () => {
    const show = "Object.assign(globalThis, { doc, provider, persistence });";
    const { page, said } = await open(code("Offline") + show);
    await page.evaluate(async () => {
      const { doc, provider, persistence } = globalThis as never as {
        doc: import("yjs").Doc;
        provider: import("../../packages/realtime/src/yjs.ts").DocumentProvider;
        persistence: { whenSynced: Promise<unknown> };
      };
      await persistence.whenSynced;
      await provider.whenSynced;
      provider.disconnect();
      doc.getText("t").insert(0, "typed offline");
    });
    assert.deepEqual((await said.next(["logged"])).payload, ["not saved yet"]);
    // The storage writes in the order of the calls: once this is read, the text is there.
    await page.evaluate(async () => {
      const { persistence } = globalThis as never as {
        persistence: { set(key: string, value: string): Promise<unknown> };
      };
      await persistence.set("after", "the text");
    });
    await page.reload();
    assert.deepEqual((await said.next(["logged"])).payload, ["not saved yet"]);
    assert.deepEqual((await said.next(["logged"])).payload, ["saved"]);
    await page.close();
  });

  test("a backend gives a document its first content, once, and reads it", async () => {
    const run = `
      import { readDocument } from "@validiant/realtime/server";
      const task = { id: "7", description: "From the database" };
      tell("seeded", [await openDescription("demo", task), await openDescription("demo", task)]);
      tell("read", await readDocument("demo", "task:7", { as: "text", name: "description" }));
    `;
    const { said } = await Program.start(code("First content") + run, { env });
    assert.deepEqual((await said.next(["seeded"])).payload, [true, false]);
    assert.equal((await said.next(["read"])).payload, "From the database");
  });

  test("an encrypted document is read and seeded by a backend that has the keys, and by no other", async () => {
    const [page, backend] = docs.code("Encrypted documents", 2);
    const office = `
      const fetchKey = async (_, epoch) => epoch === "current" || epoch === 1 ? { epoch: 1, key: "A".repeat(43) } : null;
    `;
    const ann = await open(`${office} ${page} provider.doc.getText("t").insert(0, "a");`);
    assert.deepEqual((await ann.said.next(["logged"])).payload, ["saving"]);
    assert.deepEqual((await ann.said.next(["logged"])).payload, ["saved"]);
    await ann.page.close();
    const { said } = await Program.start(
      `${office} ${backend}
      import { appKeys } from "@validiant/realtime/encryption";
      import { readDocument } from "@validiant/realtime/server";
      const keys = appKeys({ fetchKey });
      for (const description of ["First", "Second"]) tell("read", await openEncrypted(keys, "8", description));
      tell("refused", await readDocument("demo", "task:8").catch(({ code }) => code));`,
      { env },
    );
    for (const read of ["First", "First"]) assert.equal((await said.next(["read"])).payload, read);
    assert.equal((await said.next(["refused"])).payload, "document_encrypted");
  });

  for (const [heading, docId] of [
    ["From y-partyserver", "note:3"],
    ["From y-websocket", "note:4"],
  ] as const)
    test(`${heading}: the other provider and the package's own write one text`, async () => {
      const own = `
        import { DocumentProvider } from "@validiant/realtime/yjs";
        const mine = new DocumentProvider({ host: "${server.url}", projectId: "demo", docId: "${docId}", user: { id: "ann" } });
        const both = () => tell("texts", [doc, mine.doc].map((each) => each.getText("t").toString()));
        for (const each of [doc, mine.doc]) each.on("update", both);
        provider.once("synced", () => doc.getText("t").insert(0, "a"));
        await mine.whenSynced;
        mine.doc.getText("t").insert(0, "b");
      `;
      const { page, said } = await open(code(heading) + own);
      for (;;) {
        const [one, two] = (await said.next(["texts"])).payload;
        if (one === two && one.length === 2) break;
      }
      await page.close();
    });

  test("a process of the backend refreshes its column when people have stopped typing", async () => {
    const app = `
      const saveDescription = async (docId, text) => tell("column", [docId, text]);
      const refreshAll = () => tell("refreshed");
    `;
    const { said } = await Program.start(app + code("A column for search"), { env });
    await said.next(["refreshed"]);
    const typed = await Program.start(`
      import { DocumentProvider } from "@validiant/realtime/yjs";
      const provider = new DocumentProvider({ host: "${server.url}", projectId: "demo", docId: "task:9", user: { id: "ann" } });
      await provider.whenSynced;
      provider.doc.getText("description").insert(0, "Find me");
      provider.on("saved", (saved) => saved && provider.destroy());
    `);
    assert.equal(await typed.end(), 0);
    // The project has other documents, too.
    for (;;) {
      const { payload } = await said.next(["column"], 60_000);
      if (payload[0] !== "task:9") continue;
      assert.equal(payload[1], "Find me");
      return;
    }
  });
});
