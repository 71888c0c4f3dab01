import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { checkPort, readPort } from "./ports.mjs";

test("a port is a whole number from 1 to 65535", () => {
  assert.equal(readPort("1999", "--port"), 1999);
  for (const wrong of ["0", "65536", "80.5", "abc", "", "true"])
    assert.throws(() => readPort(wrong, "--port"), /--port .*: a port is a number from 1 to 65535/);
});

test("a port is in use if a program has it for any meaning of localhost", async () => {
  for (const address of ["127.0.0.1", "::1", "0.0.0.0"]) {
    const server = createServer().listen(0, address);
    await once(server, "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    await assert.rejects(checkPort(port, "npm run it"), /is in use/, address);
    server.close();
    await once(server, "close");
    await checkPort(port, "npm run it");
  }
});
