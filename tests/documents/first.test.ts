/** Clients as they are on npm open a document with nothing but a URL: docs/protocol.md, P13.1 to P13.7. */

import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import WebSocket from "ws";
import YProvider from "y-partyserver/provider";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { within } from "../support/inbox.ts";
import { startServer } from "../support/target.ts";

const server = await startServer();
const { host } = new URL(server.url);
const WebSocketPolyfill = WebSocket as unknown as typeof globalThis.WebSocket;

/** The names of a new document. */
function place() {
  return { projectId: `test-${randomUUID()}`, docId: "t1" };
}
type Place = ReturnType<typeof place>;

function partyserver({ projectId, docId }: Place): { doc: Y.Doc; provider: YProvider } {
  const doc = new Y.Doc();
  const room = `${projectId}/${docId}`;
  const provider = new YProvider(host, room, doc, {
    party: "docs",
    WebSocketPolyfill,
    disableBc: true,
  });
  after(() => end(doc, provider));
  return { doc, provider };
}

function websocket({ projectId, docId }: Place): { doc: Y.Doc; provider: WebsocketProvider } {
  const doc = new Y.Doc();
  const url = `ws://${host}/parties/docs/${projectId}`;
  const provider = new WebsocketProvider(url, docId, doc, { WebSocketPolyfill, disableBc: true });
  after(() => end(doc, provider));
  return { doc, provider };
}

/** The awareness of a provider ends with its document. */
function end(doc: Y.Doc, provider: { destroy: () => void }): void {
  provider.destroy();
  doc.destroy();
}

function synced(provider: { once: (name: "sync", act: () => void) => void }): Promise<void> {
  return within(new Promise<void>((resolve) => provider.once("sync", resolve)), "the first sync");
}

/** Waits until a document's text is this one. */
async function becomes(doc: Y.Doc, text: string): Promise<void> {
  const changed = new Promise<void>((resolve) => {
    const look = () => doc.getText("body").toString() === text && resolve();
    doc.on("update", look);
    look();
  });
  await within(changed, `the text to become ${text}`);
}

test("P13.1 YProvider and WebsocketProvider open the same document and type into it", async () => {
  const at = place();
  const [ann, ben] = [partyserver(at), websocket(at)];
  await Promise.all([synced(ann.provider), synced(ben.provider)]);
  ann.doc.getText("body").insert(0, "Hello");
  await becomes(ben.doc, "Hello");
  ben.doc.getText("body").insert(5, " world");
  await becomes(ann.doc, "Hello world");
});
