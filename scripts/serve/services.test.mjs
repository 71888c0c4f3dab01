import assert from "node:assert/strict";
import { test } from "node:test";
import { Services } from "./services.mjs";

/** @param {string} code */
const service = (code) => ({
  name: "it",
  command: process.execPath,
  args: ["-e", code],
  env: process.env,
});

test("a service that exits is a failure, before it is ready and after", async () => {
  const early = new Services();
  await assert.rejects(early.start(service("process.exit(3)")), /it exited with code 3/);
  const late = new Services();
  await late.start(service('console.log("ready on x"); setTimeout(() => process.exit(4), 50)'));
  await assert.rejects(late.failure, /it exited with code 4/);
});

test("a service that can't be started is a failure", async () => {
  const services = new Services();
  const missing = { ...service(""), command: "/nowhere/node" };
  await assert.rejects(services.start(missing), /it could not be started: .*ENOENT/);
});
