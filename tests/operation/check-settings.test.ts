/** What `npm run party:check` and `npm run party:deploy` say of settings: what the built Worker itself says (P1.8). */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ASSUMED_SECRETS, checkSettings, deployOptions } from "../../scripts/release/settings.ts";
import { NEEDS_OWN_RUNTIME } from "../support/target.ts";

const OWN = { skip: NEEDS_OWN_RUNTIME };
const TOML = `
name = "realtime"
compatibility_date = "2026-09-01"
[[durable_objects.bindings]]
name = "ROOMS"
class_name = "ProjectRoom"
[[durable_objects.bindings]]
name = "DOCUMENTS"
class_name = "DocumentRoom"
[vars]
HISTORY_SIZE = "lots"
PRESENCE_GRACE_SECONDS = 100000
LOG_LEVLE = "warn"
[env.staging.vars]
JWT_AUDIENCE = ["realtime", "api"]
[[env.production.durable_objects.bindings]]
name = "ROOMS"
class_name = "ProjectRoom"
[[env.production.durable_objects.bindings]]
name = "DOCUMENTS"
class_name = "DocumentRoom"
[env.production.vars]
JWT_AUDIENCE = ["realtime", "api"]
`;

const folder = await mkdtemp(join(tmpdir(), "validiant-check-settings-"));
after(() => rm(folder, { recursive: true }));
const config = join(folder, "wrangler.toml");
await writeFile(config, TOML);

/** The settings that are named, each with what is wrong. Empty: all is well. */
async function problems(args: string[], secrets = ASSUMED_SECRETS): Promise<string[]> {
  try {
    await checkSettings(deployOptions(["--config", config, ...args]), secrets);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n  ").slice(1).sort();
  }
}

test(
  "P1.8 each wrong value is named before a deploy, and a misspelt name with the right one",
  OWN,
  async () => {
    const [history, level, grace, ...others] = await problems([]);
    assert.deepEqual(others, []);
    assert.match(history ?? "", /^HISTORY_SIZE: must be a whole number of events/);
    assert.match(level ?? "", /^LOG_LEVEL: is probably what LOG_LEVLE is meant to be/);
    assert.match(grace ?? "", /^PRESENCE_GRACE_SECONDS: must be .* to 3600/);
  },
);

test(
  "P1.8 an environment that is whole passes, and one without its objects does not",
  OWN,
  async () => {
    assert.deepEqual(await problems(["--env", "production"]), []);
    const [documents, rooms, ...others] = await problems(["--env", "staging"]);
    assert.deepEqual(others, []);
    assert.match(documents ?? "", /^DOCUMENTS: must be bound/);
    assert.match(rooms ?? "", /^ROOMS: must be bound/);
  },
);

test(
  "P1.8 a secret whose value nobody tells is taken to be right, and one that is not there is missing",
  OWN,
  async () => {
    const production = ["--env", "production"];
    assert.deepEqual(await problems(production, ["BROADCAST_SECRET", "JWKS_URL"]), []);
    const [missing] = await problems(production, ["BROADCAST_SECRET"]);
    assert.match(missing ?? "", /^CONNECT_AUTH: is not set, and there is no key for tokens/);
    const [misspelt] = await problems(production, ["BROADCAST_SECRET", "JWT_SECERT"]);
    assert.match(misspelt ?? "", /^JWT_SECRET: is probably what JWT_SECERT is meant to be/);
  },
);

test(
  "P1.11 a server under a path is asked there, and one with a wrong path is told so",
  OWN,
  async () => {
    const base = (path: string) => problems(["--env", "production", "--var", `BASE_PATH:${path}`]);
    assert.deepEqual(await base("/realtime"), []);
    assert.match((await base("realtime/"))[0] ?? "", /^BASE_PATH: must be a path/);
  },
);

test("P1.8 variables and secrets from the command line count", OWN, async () => {
  const file = join(folder, "secrets");
  await writeFile(file, "BROADCAST_SECRET=s\nJWT_SECRET=short\n");
  const args = ["--env", "production", "--var", "LOG_LEVEL:loud", "--secrets-file", file];
  assert.deepEqual(await problems(args, []), [
    "JWT_SECRET: must have at least 32 bytes.",
    "LOG_LEVEL: must be info, warn, error or off.",
  ]);
});
