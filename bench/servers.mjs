/** The servers to compare, each with a config file for the same runtime. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../scripts/common/commands.mjs";
import { NPM_BIN, ROOT } from "../scripts/common/paths.mjs";
import { COMPATIBILITY_FLAGS, ownWorker, workerdConfig } from "../scripts/serve/workerd-config.mjs";

/** The secret of all servers. It protects nothing. */
export const SECRET = "the-secret-of-the-bench";

/** @typedef {{ name: string, config: string, storage: string }} Server */

/**
 * Writes the configs. The Worker must already be built.
 * @param {string} folder for configs and storage
 * @param {{ peersCompress: boolean }} options whether the peers compress frames, as the runtime does unless told
 *   otherwise
 * @returns {Promise<Server[]>}
 */
export async function prepareServers(folder, { peersCompress }) {
  const flags = peersCompress ? ["no_nodejs_compat"] : COMPATIBILITY_FLAGS;
  const ours = ownWorker(join(ROOT, "build"));
  return [
    // The peers keep no history, so the server compared with them keeps none either.
    describe(folder, "ours", ours, { HISTORY_SIZE: "0" }),
    describe(folder, "history", ours),
    describe(folder, "js", {
      modules: [await bundle(folder, "javascript")],
      className: "ProjectRoom",
      binding: "ROOMS",
      flags,
    }),
    describe(folder, "partyserver", {
      modules: [await bundle(folder, "partyserver")],
      className: "Main",
      binding: "Main",
      flags,
    }),
  ];
}

/**
 * @param {string} parent
 * @param {string} name
 * @param {{ modules: string[], className: string, binding: string, flags?: string[] }} worker
 * @param {Record<string, string>} [settings]
 * @returns {Server}
 */
function describe(parent, name, worker, settings) {
  const folder = join(parent, name);
  const config = join(folder, "config.capnp");
  mkdirSync(folder, { recursive: true });
  // The peers log nothing, so neither do we.
  const usual = {
    BROADCAST_SECRET: SECRET,
    CONNECT_AUTH: "open",
    ALLOWED_ORIGINS: "*",
    // The bench measures speed, not rate limits.
    PUBLISHES_PER_SECOND: "10000",
    PUBLISH_BURST: "100000",
    MAX_PAYLOAD_BYTES: "32768",
    LOG_LEVEL: "off",
  };
  const vars = { ...usual, ...settings };
  writeFileSync(config, workerdConfig({ folder, vars, ...worker }));
  return { name, config, storage: join(folder, "storage") };
}

/**
 * @param {string} folder
 * @param {string} peer
 */
async function bundle(folder, peer) {
  const outfile = join(folder, `${peer}.js`);
  await run(join(NPM_BIN, "esbuild"), [
    join(ROOT, "bench", "peers", `${peer}.js`),
    "--bundle",
    "--minify",
    "--format=esm",
    "--external:cloudflare:*",
    `--outfile=${outfile}`,
  ]);
  return outfile;
}
