/** Documents in React: with fake sockets and a fake clock. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createElement } from "react";
import * as Y from "yjs";
import type { RealtimeOptions } from "../../src/index.ts";
import { checkConnections, useProjectRealtime } from "../../src/react.ts";
import { type UseDocumentOptions, useDocument } from "../../src/yjs/react.ts";
import { DocumentSocket, documentOf, documentSocket } from "../support/document-socket.ts";
import { FakeSocket, pass, tokenOf, withFakeClock } from "../support/fake-socket.ts";
import { both, inAct, lingered, probe, render, strictly } from "../support/render.ts";

withFakeClock();

const server = (id = "ann"): RealtimeOptions => ({
  host: "example.com",
  user: { id },
  WebSocket: DocumentSocket,
});

/** A component with a document open. */
const opens = (docId: string | null = "d1", options: UseDocumentOptions | undefined = server()) =>
  probe(() => useDocument("p1", docId, options));

/** The sockets of documents. */
const sockets = () =>
  FakeSocket.made.filter(({ url }) => url.pathname.includes("/docs/")) as DocumentSocket[];

function Project({ options }: { options: RealtimeOptions }): null {
  useProjectRealtime("p1", options);
  return null;
}

/** What a hook answered last, with all that it has read. */
const read = ({ seen }: ReturnType<typeof opens>) => {
  assert.ok(seen.result);
  return seen.result;
};

describe("useDocument", () => {
  test("has the document once mounted, and renders when what it reads has changed, not for text", async () => {
    const used = probe(() => {
      const { doc, synced } = useDocument("p1", "d1", server());
      return { doc, synced };
    });
    await render(used.with());
    const first = await documentSocket();
    assert.equal(used.seen.result?.synced, false);
    await inAct(() => first.joins(documentOf("Hello")));
    assert.equal(used.seen.result?.doc?.getText("t").toString(), "Hello");
    assert.equal(used.seen.result?.synced, true);
    const { renders } = used.seen;
    const text = used.seen.result?.doc?.getText("t");
    await inAct(() => text?.insert(0, "a"));
    assert.equal(used.seen.renders, renders);
    await inAct(() => first.ends(4003));
  });

  test("says what is saved, and why not", async () => {
    const used = probe(() => {
      const { doc, saved, error, status } = useDocument("p1", "d1", server());
      return { doc, saved, error, status };
    });
    await render(used.with());
    const first = await documentSocket();
    await inAct(() => first.joins());
    assert.equal(used.seen.result?.saved, true);
    await inAct(() => used.seen.result?.doc?.getText("t").insert(0, "a"));
    assert.equal(used.seen.result?.saved, false);
    await inAct(() => pass(300));
    await inAct(() => first.sends(2, 0, 0));
    assert.equal(used.seen.result?.error?.code, "not_allowed");
    await inAct(() => first.ends(4003, { code: "removed" }));
    assert.equal(used.seen.result?.error?.code, "removed");
    assert.equal(used.seen.result?.status.state, "stopped");
  });

  test("shares one document between components, also in StrictMode", async () => {
    const one = opens();
    const other = opens();
    await render(strictly(both(one.with(), other.with())));
    assert.equal(sockets().length, 1);
    assert.ok(read(one).doc);
    assert.equal(read(one).doc, read(other).doc);
    assert.equal(read(one).awareness, read(other).awareness);
  });

  test("stays open for 1.5 s, and leaves then", async () => {
    const used = opens();
    const { unmount } = await render(used.with());
    const first = await documentSocket();
    await inAct(() => first.joins());
    await unmount();
    assert.equal(first.closedWith, undefined);
    await lingered();
    assert.equal(first.closedWith, 1000);
  });

  test("is the same document for a component that comes back in that time", async () => {
    const used = opens();
    const { show } = await render(used.with());
    const { doc } = read(used);
    await show(null);
    await show(used.with());
    await lingered();
    assert.equal(read(used).doc, doc);
    assert.equal(sockets().length, 1);
  });

  test("stays open until what was typed without a connection is saved", async () => {
    const used = opens();
    const { unmount } = await render(used.with());
    const first = await documentSocket();
    await inAct(() => first.ends());
    await inAct(() => read(used).doc?.getText("t").insert(0, "a"));
    await unmount();
    await inAct(() => pass(20_000));
    const second = await documentSocket();
    const kept = new Y.Doc();
    await inAct(() => second.joins(kept));
    const [update] = second.updates;
    assert.ok(update);
    assert.equal(second.closedWith, undefined);
    await inAct(() => second.keeps(kept, update));
    assert.equal(second.closedWith, 1000);
    assert.equal(kept.getText("t").toString(), "a");
  });

  test("opens another document for another id, and none for none", async () => {
    const used = probe((docId: string | null) => useDocument("p1", docId, server()));
    const { show } = await render(used.with(null));
    assert.equal(sockets().length, 0);
    assert.equal(used.seen.result?.doc, undefined);
    await show(used.with("d1"));
    const { doc } = used.seen.result ?? {};
    await show(used.with("d2"));
    assert.notEqual(used.seen.result?.doc, doc);
    assert.deepEqual(
      sockets().map(({ url }) => url.pathname.at(-1)),
      ["1", "2"],
    );
  });

  test("uses the server and the token of the project that is open", async () => {
    const used = opens("d1", {});
    const project = {
      host: "example.com",
      getToken: () => tokenOf("ann"),
      WebSocket: DocumentSocket,
    };
    const { show } = await render(used.with());
    assert.equal(sockets().length, 0);
    await show(both(createElement(Project, { key: "p", options: project }), used.with()));
    assert.equal(sockets().length, 1);
    assert.match(`${sockets()[0]?.protocols}`, /^validiant,bearer\./);
  });

  test("opens the document anew for another user", async () => {
    const used = probe((id: string) => useDocument("p1", "d1", server(id)));
    const { show } = await render(used.with("ann"));
    const { doc } = used.seen.result ?? {};
    await show(used.with("ben"));
    await inAct(() => pass(1));
    assert.notEqual(used.seen.result?.doc, doc);
    assert.deepEqual(FakeSocket.queried("userId"), ["ann", "ben"]);
  });

  test("opens the document anew when a token is for another user", async () => {
    let user = "ann";
    const getToken = () => tokenOf(user);
    const used = opens("d1", { host: "example.com", getToken, WebSocket: DocumentSocket });
    await render(used.with());
    const first = await documentSocket();
    await inAct(() => first.joins());
    const { doc } = read(used);
    user = "ben";
    await inAct(() => first.ends());
    await inAct(() => pass(3_000));
    assert.notEqual(read(used).doc, doc);
    assert.deepEqual(FakeSocket.tokens, [tokenOf("ann"), tokenOf("ben")]);
    assert.equal(read(used).status.state, "connecting");
  });

  test("keeps the document on the device as the app says, and ends that, too", async () => {
    let ended = 0;
    const persistence = (doc: Y.Doc) => {
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(documentOf("Kept")));
      return { whenSynced: Promise.resolve(), destroy: () => (ended += 1) };
    };
    const used = opens("d1", { ...server(), persistence });
    const { unmount } = await render(used.with());
    assert.equal(read(used).doc?.getText("t").toString(), "Kept");
    await unmount();
    await lingered();
    assert.equal(ended, 1);
  });

  test("works where nothing can be kept", async (t) => {
    const logged = t.mock.method(console, "error", () => {});
    const persistence = () => {
      throw new Error("no storage");
    };
    await render(opens("d1", { ...server(), persistence }).with());
    assert.equal(sockets().length, 1);
    assert.equal(logged.mock.callCount(), 1);
  });

  test("is checked with the projects", async () => {
    await render(opens().with());
    const first = await documentSocket();
    await inAct(() => first.joins());
    checkConnections();
    assert.equal(first.count("PING"), 1);
  });
});
