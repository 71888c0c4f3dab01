/** The servers to compare, each with a config file for the same runtime. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NPM_BIN, ROOT } from "../scripts/common/paths.ts";
import { run } from "../scripts/common/programs.ts";
import { COMPATIBILITY_FLAGS, ownWorker, workerdConfig } from "../scripts/serve/workerd-config.ts";

/** The secret of all servers. It protects nothing. */
export const SECRET = "the-secret-of-the-bench";

/** @typedef {{ name: import("./figures.mjs").Server, config: string, storage: string }} Server */
/** @typedef {{ usual: Server[], withClientEvents: Server[], withDocuments: Server[] }} Servers */

/**
 * Writes the configs. The Worker must already be built.
 * @param {string} folder for configs and storage
 * @param {{ peersCompress: boolean }} options whether the peers compress frames, as the runtime does unless told
 *   otherwise
 * @returns {Promise<Servers>}
 */
export async function prepareServers(folder, { peersCompress }) {
  const flags = peersCompress ? ["no_nodejs_compat"] : COMPATIBILITY_FLAGS;
  const ours = ownWorker(join(ROOT, "build"));
  /** @param {string} file @param {string} className @param {string} binding */
  const peer = async (file, className, binding) => {
    return { modules: [await bundle(folder, file)], objects: [{ className, binding }], flags };
  };
  const js = await peer("javascript", "ProjectRoom", "ROOMS");
  const jsHistory = await peer("javascript-history", "ProjectRoom", "ROOMS");
  const partyserver = await peer("partyserver", "Main", "Main");
  const yPartyserver = await peer("y-partyserver", "Docs", "Docs");
  /** @param {string} parent @param {Record<string, string>} [settings] */
  const all = (parent, settings) => [
    describe(parent, "ours", ours, settings),
    describe(parent, "js", js, settings),
    describe(parent, "jsHistory", jsHistory, settings),
    describe(parent, "partyserver", partyserver, settings),
    describe(parent, "without", ours, { ...settings, HISTORY_SIZE: "0" }),
  ];
  return {
    usual: all(folder),
    withClientEvents: all(join(folder, "client-events"), { CLIENT_EVENTS: "on" }),
    withDocuments: [
      describe(join(folder, "documents"), "ours", ours),
      describe(join(folder, "documents"), "partyserver", yPartyserver),
    ],
  };
}

/**
 * This server, with the settings of the bench.
 * @param {string} folder
 * @param {Record<string, string>} [settings] of its own
 */
export function ourServer(folder, settings) {
  return describe(folder, "ours", ownWorker(join(ROOT, "build")), settings);
}

/**
 * @param {string} parent
 * @param {import("./figures.mjs").Server} name
 * @param {Pick<import("../scripts/serve/workerd-config.ts").WorkerConfig, "modules" | "objects" | "flags">} worker
 * @param {Record<string, string>} [settings]
 * @returns {Server}
 */
function describe(parent, name, worker, settings) {
  const folder = join(parent, name);
  const config = join(folder, "config.capnp");
  mkdirSync(folder, { recursive: true });
  // Everything else is as shipped. The peers log nothing, so neither do we.
  const usual = {
    BROADCAST_SECRET: SECRET,
    CONNECT_AUTH: "open",
    ALLOWED_ORIGINS: "*",
    // The bench measures speed, not rate limits.
    PUBLISHES_PER_SECOND: "10000",
    PUBLISH_BURST: "100000",
    // The peers have no default.
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
