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

test("a service is started when it says where it listens, and ended in good order", async () => {
  const services = new Services();
  const code = `
    process.on("SIGINT", () => process.exit(0));
    setInterval(() => {}, 1000);
    console.log("Ready on http://localhost:1 " + process.pid);
  `;
  const both = await Promise.all([services.start(service(code)), services.start(service(code))]);
  assert.deepEqual(both, ["http://localhost:1", "http://localhost:1"]);
  await services.stop();
  assert.equal(await Promise.race([services.failure, "no failure"]), "no failure");
});

test("one that ends by itself is a failure, before it is ready and after", async () => {
  const early = new Services();
  await assert.rejects(early.start(service("process.exit(3)")), /it ended with code 3/);
  const late = new Services();
  await late.start(service('console.log("ready on x"); setTimeout(() => process.exit(4), 50)'));
  await assert.rejects(late.failure, /it ended with code 4/);
});
