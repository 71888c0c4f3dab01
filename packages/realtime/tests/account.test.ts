/** The user is who the token says (P9.4): another one is another connection, at once. With fake sockets. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createElement } from "react";
import type { GetToken, RealtimeOptions } from "../src/index.ts";
import { useProjectEvent, useProjectRealtime } from "../src/react.ts";
import {
  connect,
  event,
  FakeSocket,
  online,
  pass,
  socket,
  tokenOf,
  tokenWith,
  withFakeClock,
} from "./support/fake-socket.ts";
import { accept, both, inAct, probe, render, strictly } from "./support/render.ts";

withFakeClock();

const useConnection = (options: RealtimeOptions) => useProjectRealtime("p1", options).status;

/** A token of this user that ends in a minute. */
const minuteOf = (sub: string) => tokenWith({ sub, exp: Date.now() / 1_000 + 60 });

describe("a connection", () => {
  test("whose refresh brings another user's token is theirs, and that token never goes over the old one", async () => {
    let sub = "ann";
    const users = [{ userId: "ann", userName: null, joinedAt: 1, verified: true }];
    const payload = { seq: 7, users, activeUsers: 1 };
    const { project, first } = await online(payload, { getToken: () => minuteOf(sub) });
    const heard: string[] = [];
    project.on("*", ({ type }) => heard.push(type));
    sub = "ben";
    await pass(48_000);
    assert.deepEqual([first.count("AUTH"), first.closedWith], [0, 1000]);
    first.says(event("FOR_ANN"));
    const second = await socket();
    assert.deepEqual(FakeSocket.tokens.at(-1), minuteOf("ben"));
    assert.deepEqual(project.users, []);
    const [one, two] = FakeSocket.queried("_pk");
    assert.notEqual(one, two);
    assert.deepEqual(FakeSocket.queried("since"), [null, null]);
    second.accepts();
    assert.deepEqual(heard, ["CONNECTED", "resync"]);
  });

  test("that returns with another user's token returns as them, with nothing of the one before", async () => {
    let sub = "ann";
    const { project, first } = await online({ seq: 7 }, { getToken: () => tokenOf(sub) });
    const firsts: boolean[] = [];
    project.on("resync", ({ payload }) => firsts.push(payload.first));
    sub = "ben";
    first.ends();
    await pass(3_000);
    (await socket()).accepts();
    const [one, two] = FakeSocket.queried("_pk");
    assert.notEqual(one, two);
    assert.deepEqual([FakeSocket.queried("since"), firsts], [[null, null], [true]]);
  });

  test("of the same user goes on, whatever else the token says", async () => {
    const { first } = await online({}, { getToken: () => minuteOf("ann") });
    await pass(48_000);
    assert.deepEqual([first.count("AUTH"), FakeSocket.made.length], [1, 1]);
  });

  test("of a user with a name in another script is refreshed: claims are UTF-8", async () => {
    const getToken = () =>
      tokenWith({ sub: "ünal-Ω", name: "علي 🙂", exp: Date.now() / 1_000 + 60 });
    const { first } = await online({}, { getToken });
    await pass(48_000);
    assert.equal(first.count("AUTH"), 1);
  });
});

describe("reconnect()", () => {
  test("connects at once with a fresh token, and keeps the position of the same user", async () => {
    let calls = 0;
    const getToken = () => {
      calls += 1;
      return tokenOf("ann");
    };
    const { project, first } = await online({ seq: 7 }, { getToken });
    project.reconnect();
    assert.notEqual(first.closedWith, undefined);
    await socket();
    assert.deepEqual([calls, FakeSocket.queried("since")], [2, [null, "e:7"]]);
  });

  test("starts a client again that was stopped", async () => {
    const { project, first } = await online();
    first.ends(4003, { code: "removed" });
    assert.equal(project.status.state, "stopped");
    project.reconnect();
    (await socket()).accepts();
    assert.equal(project.status.state, "online");
    project.check();
    assert.equal((await socket()).count("PING"), 1);
  });

  test("counts for all that was asked for before: there is one socket", async () => {
    const answers: ((token: string) => void)[] = [];
    const getToken = () => new Promise<string>((resolve) => answers.push(resolve));
    const project = connect({ getToken });
    project.reconnect();
    for (const answer of answers) answer(tokenOf("ann"));
    await pass(0);
    assert.equal(FakeSocket.made.length, 1);
  });

  test("after close() does nothing", async () => {
    const { project } = await online();
    project.close();
    project.reconnect();
    await pass(60_000);
    assert.deepEqual([FakeSocket.made.length, project.status.state], [1, "closed"]);
  });
});

describe("the hooks", () => {
  const withToken = (getToken: GetToken, more = {}): RealtimeOptions => ({
    host: "example.com",
    getToken,
    WebSocket: FakeSocket,
    ...more,
  });
  const subs = () =>
    FakeSocket.tokens.map((token) => JSON.parse(atob(token?.split(".")[1] ?? "")).sub);

  test("connect as another user as soon as getToken is theirs, and hear nothing for the one before", async () => {
    const [ann, ben] = [() => tokenOf("ann"), () => tokenOf("ben")];
    const heard: string[] = [];
    const all = probe(useConnection);
    const ear = probe(() => useProjectEvent("*", ({ type }) => heard.push(type), "p1"));
    const page = await render(both(all.with(withToken(ann)), ear.with()));
    const first = await accept();
    heard.length = 0;
    await page.show(both(all.with(withToken(ben)), ear.with()));
    assert.equal(first.closedWith, 1000);
    assert.deepEqual(subs(), ["ann", "ben"]);
    await inAct(() => first.says(event("FOR_ANN")));
    assert.deepEqual(heard, []);
  });

  test("connect as another user after a change of key, also where getToken is the same function", async () => {
    let sub = "ann";
    const options = withToken(() => tokenOf(sub));
    const all = probe(useConnection);
    const page = await render(createElement("main", { key: "ann" }, all.with(options)));
    const first = await accept();
    sub = "ben";
    await page.show(createElement("main", { key: "ben" }, all.with(options)));
    assert.equal(first.closedWith, 1000);
    assert.deepEqual(subs(), ["ann", "ben"]);
  });

  test("keep the connection while each render brings another getToken of the same user, and rarely call it", async () => {
    let calls = 0;
    const all = probe((_: number) =>
      useConnection(
        withToken(() => {
          calls += 1;
          return tokenOf("ann");
        }),
      ),
    );
    const page = await render(all.with(0));
    const first = await accept();
    for (let render = 1; render <= 100; render += 1) await page.show(all.with(render));
    await inAct(() => pass(9_000));
    assert.deepEqual([FakeSocket.made.length, first.closedWith], [1, undefined]);
    assert.ok(calls <= 3, `${calls} calls`);
  });

  test("find another user's getToken also when each render brings another function", async () => {
    const all = probe((sub: string) => useConnection(withToken(() => tokenOf(sub))));
    const page = await render(all.with("ann"));
    await accept();
    for (const sub of ["ann", "ann", "ben"]) await page.show(all.with(sub));
    await inAct(() => pass(10_000));
    assert.deepEqual(subs(), ["ann", "ben"]);
  });

  test("connect as another user also after the one before was removed", async () => {
    const all = probe(useConnection);
    const page = await render(all.with(withToken(() => tokenOf("ann"))));
    const first = await accept();
    await inAct(() => first.ends(4003, { code: "removed" }));
    await page.show(all.with(withToken(() => tokenOf("ann"))));
    assert.equal(all.seen.result?.state, "stopped");
    await inAct(() => pass(10_000));
    await page.show(all.with(withToken(() => tokenOf("ben"))));
    await accept();
    assert.deepEqual([subs(), all.seen.result?.state], [["ann", "ben"], "online"]);
  });

  test("in StrictMode ask for one token", async () => {
    let calls = 0;
    const getToken = () => {
      calls += 1;
      return tokenOf("ann");
    };
    const all = probe(() => useConnection(withToken(getToken)));
    await render(strictly(all.with()));
    await accept();
    assert.deepEqual([calls, FakeSocket.made.length], [1, 1]);
  });

  test("with an identity connect when it changes, and never look whose token it is", async () => {
    const calls: string[] = [];
    const all = probe((sub: string, _: number) =>
      useConnection(
        withToken(
          () => {
            calls.push(sub);
            return tokenOf(sub);
          },
          { identity: sub },
        ),
      ),
    );
    const page = await render(all.with("ann", 0));
    const first = await accept();
    for (let render = 1; render <= 5; render += 1) await page.show(all.with("ann", render));
    assert.deepEqual(calls, ["ann"]);
    await page.show(all.with("ben", 0));
    assert.equal(first.closedWith, 1000);
    assert.deepEqual(calls, ["ann", "ben"]);
  });

  test("ask again for a token that could not be had, and stay meanwhile", async () => {
    let isDown = true;
    const all = probe(useConnection);
    const page = await render(all.with(withToken(() => tokenOf("ann"))));
    const first = await accept();
    const ben = () => {
      if (isDown) throw new Error("no network");
      return tokenOf("ben");
    };
    await page.show(all.with(withToken(ben)));
    assert.equal(first.closedWith, undefined);
    isDown = false;
    await inAct(() => pass(10_000));
    assert.deepEqual(subs(), ["ann", "ben"]);
  });

  test("have a reconnect that is always the same function", async () => {
    const answers = new Set<unknown>();
    const all = probe(() => {
      const { reconnect, status } = useProjectRealtime(
        "p1",
        withToken(() => tokenOf("ann")),
      );
      answers.add(reconnect);
      return { reconnect, status };
    });
    await render(all.with());
    const first = await accept();
    await inAct(() => first.ends(4003, { code: "removed" }));
    assert.equal(all.seen.result?.status.state, "stopped");
    await inAct(() => all.seen.result?.reconnect());
    await accept();
    assert.equal(all.seen.result?.status.state, "online");
    // The one of before the connection does nothing.
    assert.equal(answers.size, 2);
  });
});
