/** Broadcasts over networks as they are: connections that break, names with two addresses, proxies. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type AnyEvents, createBroadcaster } from "../src/server.ts";
import { fakeServer, TAKEN } from "./support/fake-server.ts";

const server = await fakeServer();

/** The port of a server of this machine, which is there until the tests are over. */
async function listening(web: Server): Promise<number> {
  await once(web.listen(0, "127.0.0.1"), "listening");
  after(() => {
    web.closeAllConnections();
    web.close();
  });
  return (web.address() as AddressInfo).port;
}

test("an event whose connection is reset is sent again, with its key", async () => {
  const keys: unknown[] = [];
  const port = await listening(
    createServer((request, response) => {
      keys.push(request.headers["idempotency-key"]);
      if (keys.length === 1) (request.socket as Socket).resetAndDestroy();
      else response.end(JSON.stringify(TAKEN));
    }),
  );
  const realtime = createBroadcaster<AnyEvents>({ url: `http://127.0.0.1:${port}`, secret: "s" });
  await realtime.publishToProject("p", "E", {});
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
});

test("an event after a pause, in which the server has closed its kept connection, is sent", async () => {
  const sockets = new Set<Socket>();
  const port = await listening(
    createServer((request, response) => {
      sockets.add(request.socket);
      response.end(JSON.stringify(TAKEN));
    }),
  );
  const realtime = createBroadcaster<AnyEvents>({ url: `http://127.0.0.1:${port}`, secret: "s" });
  await realtime.publishToProject("p", "A", {});
  for (const socket of sockets) socket.destroy();
  await realtime.publishToProject("p", "B", {});
  assert.equal(sockets.size, 2);
});

test("localhost is reached where the server listens on IPv4 alone", async () => {
  const url = server.url.replace("127.0.0.1", "localhost");
  await createBroadcaster<AnyEvents>({ url, secret: "s" }).publishToProject("p", "E", {});
  assert.deepEqual(server.types, ["E"]);
});

test("a proxy of the environment is taken where Node is told to, with NODE_USE_ENV_PROXY", async () => {
  const asked: unknown[] = [];
  const proxy = createServer().on("connect", ({ url }, socket: Socket) => {
    asked.push(url);
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(connect(Number(new URL(server.url).port), "127.0.0.1")).pipe(socket);
  });
  const port = await listening(proxy);
  const program = fileURLToPath(new URL("support/function.ts", import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: {
      ...process.env,
      ...{ NODE_USE_ENV_PROXY: "1", HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: "" },
      ...{ REALTIME_URL: "http://realtime.example", BROADCAST_SECRET: "s", VERCEL: "1" },
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  const [answered] = await once(child.stdout, "data");
  assert.match(String(answered), /answered/);
  assert.deepEqual(asked, ["realtime.example:80"]);
  assert.deepEqual(server.types, ["TASK_UPDATED"]);
});
