/** Encrypted documents in React: with fake sockets, a fake clock and real encryption. */

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { RealtimeOptions } from "../../src/index.ts";
import { useProjectRealtime } from "../../src/react.ts";
import { useDocument } from "../../src/yjs/react.ts";
import { FakeSocket, pass, withFakeClock } from "../support/fake-socket.ts";
import { both, inAct, probe, render } from "../support/render.ts";
import { Ring, sealed } from "../support/sealed-document.ts";
import { Vault, VaultSocket } from "../support/vault.ts";

withFakeClock();
beforeEach(() => void new Vault());

const documentSockets = () =>
  FakeSocket.made.filter(({ url }) => url.pathname.includes("/docs/")) as VaultSocket[];

describe("useDocument", () => {
  test("encrypts as the project does that the page has open, and says what can't be read yet", async () => {
    const ring = new Ring(1);
    const options: RealtimeOptions = {
      ...{ host: "example.com", user: { id: "ann" }, WebSocket: VaultSocket },
      encryption: { keys: ring.keys },
    };
    const project = probe(() => useProjectRealtime("p1", options));
    const used = probe(() => {
      const { doc, synced, undecryptable } = useDocument("p1", "d1");
      return { doc, synced, undecryptable };
    });
    await render(both(project.with(), used.with()));
    await inAct(() => pass(0));
    const [first] = documentSockets();
    assert.equal(first?.url.searchParams.get("e2e"), "1");
    await inAct(async () => {
      first?.joins();
      await pass(0);
    });
    assert.deepEqual([used.seen.result?.synced, used.seen.result?.undecryptable], [true, 0]);
    const ben = await sealed(new Ring(2), { user: { id: "ben" } });
    ben.text.insert(0, "under a newer key");
    await inAct(() => pass(300));
    assert.equal(used.seen.result?.undecryptable, 1);
    await inAct(async () => {
      ring.gets(2);
      await pass(0);
    });
    assert.equal(used.seen.result?.undecryptable, 0);
    assert.equal(used.seen.result?.doc?.getText("t").toString(), "under a newer key");
    for (const socket of FakeSocket.made) await inAct(() => socket.ends(4003));
  });
});
