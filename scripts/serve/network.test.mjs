import assert from "node:assert/strict";
import { test } from "node:test";
import { addresses, isForEverybody, openToTheNetwork } from "./network.mjs";

const entry = (
  /** @type {string} */ address,
  /** @type {"IPv4" | "IPv6"} */ family,
  internal = false,
) =>
  /** @type {import("node:os").NetworkInterfaceInfo} */ (
    /** @type {unknown} */ ({ address, family, internal })
  );

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
