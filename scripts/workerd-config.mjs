/** The runtime, and a config by which it serves one Worker by itself, without wrangler and its proxy. */

import { createRequire } from "node:module";
import { join, relative } from "node:path";

/**
 * The path of the platform's binary. The npm command is a wrapper that does not pass a SIGKILL on. The package has
 * no types: its default is this path.
 * @type {string}
 */
export const WORKERD = createRequire(import.meta.url)("workerd").default;

/** The date and the flags of wrangler.toml; a test checks that they agree. */
export const COMPATIBILITY_DATE = "2026-09-01";
export const COMPATIBILITY_FLAGS = ["no_web_socket_compression", "no_nodejs_compat"];

/**
 * @typedef {object} WorkerConfig
 * @property {string} folder where the config file is to be; it has a folder `storage`
 * @property {string[]} modules the files of the Worker, as full paths; the first is its entry point
 * @property {string} className the class of the Durable Object
 * @property {string} binding by which the Worker reaches it
 * @property {Record<string, string | undefined>} vars by name; one that is undefined is not set
 * @property {string[]} [flags]
 */

/**
 * The text of a config: the Worker, one namespace of rooms, and a disk for their storage.
 * @param {WorkerConfig} worker
 */
export function workerdConfig({ folder, modules, className, binding, vars, flags }) {
  // capnp reads embedded files relative to the config.
  const embed = (/** @type {string} */ file) => `embed ${quote(relative(folder, file))}`;
  const bindings = Object.entries(vars).flatMap(([name, value]) =>
    value === undefined ? [] : [`(name = ${quote(name)}, text = ${quote(value)}),`],
  );
  return `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # So that a key set can be fetched from this machine.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "disk", disk = (path = ${quote(join(folder, "storage"))}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    ${modules.map((file) => `(name = ${quote(nameOf(file))}, ${kindOf(file)} = ${embed(file)}),`).join("\n    ")}
  ],
  compatibilityDate = ${quote(COMPATIBILITY_DATE)},
  compatibilityFlags = [${(flags ?? COMPATIBILITY_FLAGS).map(quote).join(", ")}],
  durableObjectNamespaces = [(className = ${quote(className)}, uniqueKey = ${quote(className)}, enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [
    (name = ${quote(binding)}, durableObjectNamespace = ${quote(className)}),
    ${bindings.join("\n    ")}
  ],
);
`;
}

/** @param {string} file */
function nameOf(file) {
  return /** @type {string} */ (file.split("/").at(-1));
}

/** @param {string} file */
function kindOf(file) {
  return file.endsWith(".wasm") ? "wasm" : "esModule";
}

/** @param {string} text */
function quote(text) {
  return JSON.stringify(text);
}
