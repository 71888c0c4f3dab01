import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../common/programs.ts";
import { refusal } from "./rules.ts";

const listed = (...names: string[]) => ({
  status: 0,
  stdout: JSON.stringify(names.map((name) => ({ name, type: "secret_text" }))),
  stderr: "",
});
const failed = (stderr: string) => ({ status: 1, stdout: "", stderr });
const decide = (
  listing: Outcome,
  secretsFile: string | undefined = undefined,
  which: string[] = [],
) => refusal({ listing, secretsFile, which });

const NEW_WORKER = failed(
  '\u001b[31mX [ERROR] Worker "validiant-realtime" not found.\n\nIf this is a new Worker',
);

test("a Worker that has the secret is deployed", () => {
  assert.equal(decide(listed("OTHER", "BROADCAST_SECRET")), undefined);
});

test("a Worker without the secret is refused, with the command that sets it", () => {
  const reason = decide(listed("OTHER"), undefined, ["--env", "staging"]);
  assert.match(reason?.message ?? "", /has no BROADCAST_SECRET/);
  assert.match(reason?.next ?? "", /^npx wrangler secret put BROADCAST_SECRET --env staging\n/);
});

test("a first deploy is refused without a secret", () => {
  assert.match(decide(NEW_WORKER)?.message ?? "", /never been deployed/);
});

test("a secrets file that sets the secret is enough, in either format", () => {
  assert.equal(decide(NEW_WORKER, "BROADCAST_SECRET=abc\n"), undefined);
  assert.equal(decide(NEW_WORKER, '{"BROADCAST_SECRET":"abc"}'), undefined);
});

test("a secrets file without the secret, or with an empty one, is not enough", () => {
  assert.notEqual(decide(NEW_WORKER, "OTHER=abc\n"), undefined);
  assert.notEqual(decide(NEW_WORKER, "BROADCAST_SECRET=\n"), undefined);
  assert.notEqual(decide(NEW_WORKER, '{"BROADCAST_SECRET":""}'), undefined);
  assert.notEqual(decide(NEW_WORKER, '{"BROADCAST_SECRET":"abc"'), undefined);
  assert.notEqual(decide(NEW_WORKER, "BROADCAST_SECRET= # soon\n"), undefined);
});

test("a user who is not logged in is told how to log in", () => {
  const reason = decide(
    failed("it's necessary to set a CLOUDFLARE_API_TOKEN environment variable"),
  );
  assert.match(reason?.message ?? "", /not logged in/);
  assert.match(reason?.next ?? "", /npx wrangler login/);
});

test("a missing network is reported as such", () => {
  const reason = decide(failed("Unable to resolve Cloudflare's API hostname"));
  assert.match(reason?.message ?? "", /cannot be reached/);
});

test("an answer that is not a list is shown, and nothing is deployed", () => {
  const reason = decide({ status: 0, stdout: "Welcome!", stderr: "" });
  assert.equal(reason?.output, "Welcome!");
});

test("any other answer of wrangler is shown", () => {
  const reason = decide(failed("[ERROR] code 9999"));
  assert.equal(reason?.output, "[ERROR] code 9999");
});
