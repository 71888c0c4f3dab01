import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";
import { test } from "node:test";
import { addresses, checkPort, isForEverybody, openToTheNetwork } from "./network.ts";

const entry = (address: string, family: "IPv4" | "IPv6", internal = false) =>
  ({ address, family, internal }) as NetworkInterfaceInfo;

test("the addresses are those that another device can reach", () => {
  const lo = [entry("127.0.0.1", "IPv4", true)];
  const wlan = [entry("192.168.1.5", "IPv4"), entry("fe80::1", "IPv6")];
  assert.deepEqual(addresses({ lo, wlan, gone: undefined }), ["192.168.1.5"]);
});

test("the notice says where the server is, and that CONNECT_AUTH=open lets everybody in", () => {
  const said = openToTheNetwork("1999", "open", ["192.168.1.5"]);
  assert.match(said, /http:\/\/192\.168\.1\.5:1999 {3}\(host: "192\.168\.1\.5:1999"\)/);
  assert.match(said, /lets anybody on it connect as any user/);
  assert.doesNotMatch(openToTheNetwork("1999", undefined, []), /as any user/);
});

test("only a wildcard address opens a server to the network", () => {
  assert.deepEqual(["0.0.0.0", "::", "127.0.0.1", "localhost", undefined].map(isForEverybody), [
    ...[true, true, false, false, false],
  ]);
});

test("a port is in use if a program has it for any meaning of localhost", async () => {
  for (const address of ["127.0.0.1", "::1", "0.0.0.0"]) {
    const server = createServer().listen(0, address);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await assert.rejects(checkPort(port, "npm run it"), /is in use/, address);
    server.close();
    await once(server, "close");
    await checkPort(port, "npm run it");
  }
});
