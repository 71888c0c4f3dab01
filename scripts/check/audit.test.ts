import assert from "node:assert/strict";
import { test } from "node:test";
import { advisories, complaint, cratesIn, indexPath, npmPackagesIn } from "./registries.ts";

const CARGO_LOCK = `version = 4

[[package]]
name = "serde"
version = "1.0.1"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "aa"

[[package]]
name = "own"
version = "0.1.0"
`;

/** Answers every request with this. */
const answering =
  (body: string, status = 200) =>
  async () =>
    new Response(body, { status });

const SERDE = {
  ecosystem: "crates.io",
  name: "serde",
  version: "1.0.1",
  checksum: "aa",
} as const;
const WS = {
  ecosystem: "npm",
  name: "ws",
  version: "8.0.0",
  checksum: "bb",
} as const;

test("crates of the registry are listed, those of the project are not", () => {
  assert.deepEqual(cratesIn(CARGO_LOCK), [SERDE]);
});

test("npm packages are listed once, wherever they are", () => {
  const lock = {
    packages: {
      "": { version: "1.0.0" },
      "node_modules/ws": { version: "8.0.0", integrity: "bb" },
      "node_modules/a/node_modules/ws": { version: "8.0.0", integrity: "bb" },
      "node_modules/@x/y": { version: "1.0.0" },
      "packages/own": { version: "0.1.0" },
      "node_modules/@x/own": {},
    },
  };
  const names = npmPackagesIn(JSON.stringify(lock)).map(({ name }) => name);
  assert.deepEqual(names, ["ws", "@x/y"]);
});

test("the index has short names in their own folders", () => {
  assert.deepEqual(["a", "ab", "abc", "Serde"].map(indexPath), [
    "1/a",
    "2/ab",
    "3/a/abc",
    "se/rd/serde",
  ]);
});

test("a crate is fine unless it was yanked, is gone, or differs", async () => {
  const entry = (changed: object) =>
    JSON.stringify({ vers: "1.0.1", cksum: "aa", yanked: false, ...changed });
  const said = (changed: object) => complaint(SERDE, answering(`${entry(changed)}\n`));
  assert.equal(await said({}), undefined);
  assert.equal(await said({ yanked: true }), "was yanked");
  assert.equal(await said({ cksum: "cc" }), "has another checksum in the registry");
  assert.equal(await said({ vers: "1.0.2" }), "is not in the registry");
});

test("an npm package is fine unless it is deprecated, is gone, or differs", async () => {
  const said = (versions: object) => complaint(WS, answering(JSON.stringify({ versions })));
  const dist = { integrity: "bb" };
  assert.equal(await said({ "8.0.0": { dist } }), undefined);
  assert.equal(await said({ "8.0.0": { dist, deprecated: "old" } }), "is deprecated: old");
  assert.equal(
    await said({ "8.0.0": { dist: { integrity: "x" } } }),
    "has another checksum in the registry",
  );
  assert.equal(await said({}), "is not in the registry");
});

test("a registry that does not answer is a failure, not a pass", async () => {
  await assert.rejects(complaint(WS, answering("", 500)));
  await assert.rejects(advisories([WS], answering("{}", 503)));
  await assert.rejects(advisories([WS], answering('{"results":[]}')));
});

test("advisories are reported with the package that they are about", async () => {
  const results = [{}, { vulns: [{ id: "GHSA-1" }, { id: "CVE-2" }] }];
  assert.deepEqual(await advisories([SERDE, WS], answering(JSON.stringify({ results }))), [
    "ws 8.0.0: https://osv.dev/vulnerability/GHSA-1",
    "ws 8.0.0: https://osv.dev/vulnerability/CVE-2",
  ]);
});
