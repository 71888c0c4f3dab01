/** The runtime, and a config with which it serves one Worker on its own, without wrangler and its proxy. */

import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { WORKER_FILES } from "../build/compile.mjs";
import { Failure } from "../common/failure.mjs";

/**
 * The path of the platform's binary. The npm command is a wrapper that does not forward SIGKILL. The package has no
 * types; its default export is this path.
 * @type {string}
 */
export const WORKERD = createRequire(import.meta.url)("workerd").default;

/** The date and the flags of wrangler.toml; a test checks that they agree. */
export const COMPATIBILITY_DATE = "2026-09-01";
export const COMPATIBILITY_FLAGS = ["no_web_socket_compression", "no_nodejs_compat"];

/**
 * @typedef {object} WorkerConfig
 * @property {string} folder for the config file; it has a folder `storage`
 * @property {string[]} modules the files of the Worker, as full paths; the first is its entry point
 * @property {string} className the class of the Durable Object
 * @property {string} [binding] with which the Worker reaches it
 * @property {Record<string, unknown>} vars by name; undefined is not set, and a value that is not text is JSON
 * @property {string[]} [flags]
 * @property {Caller | undefined} [caller]
 */

/**
 * Another Worker, which gets the requests instead of the first, and reaches that one through a service binding
 * `REALTIME`.
 * @typedef {object} Caller
 * @property {string} module its only file, as a full path
 * @property {Record<string, string>} vars by name
 */

/**
 * This Worker, as a part of its config.
 * @param {string} build the folder that it was built into
 */
export function ownWorker(build) {
  const modules = WORKER_FILES.map((file) => join(build, file));
  return { modules, className: "ProjectRoom", binding: "ROOMS" };
}

/**
 * The port on which a process of the runtime listens, once it does. It must be started with `--control-fd=3`.
 * @param {import("node:child_process").ChildProcess} workerd
 * @param {() => string} [said] what it has printed, for the error if it ends
 * @returns {Promise<number>}
 */
export function listeningPort(workerd, said = () => "") {
  return new Promise((resolve, reject) => {
    workerd.once("exit", (code) => reject(new Failure(`workerd exited with ${code}:\n${said()}`)));
    const input = /** @type {import("node:stream").Readable} */ (workerd.stdio[3]);
    createInterface({ input }).on("line", (line) => {
      const { event, port } = JSON.parse(line);
      if (event === "listen" && port !== undefined) resolve(port);
    });
  });
}

/**
 * The text of a config: the Worker, one namespace of rooms, and a disk for their storage.
 * @param {WorkerConfig} worker
 */
export function workerdConfig(worker) {
  const { folder, modules, className, binding, vars, flags, caller } = worker;
  // capnp reads embedded files relative to the config.
  const embed = (/** @type {string} */ file) =>
    `embed ${quote(relative(folder, file).replaceAll("\\", "/"))}`;
  return `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    ${caller ? '(name = "caller", worker = .caller),' : ""}
    # So that a key set can be fetched from this machine.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "disk", disk = (path = ${quote(join(folder, "storage"))}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = ${quote(caller ? "caller" : "main")})],
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
    ${binding === undefined ? "" : `(name = ${quote(binding)}, durableObjectNamespace = ${quote(className)}),`}
    ${data(vars).join("\n    ")}
  ],
);
${caller ? callerConfig(caller, embed) : ""}`;
}

/**
 * @param {Caller} caller
 * @param {(file: string) => string} embed
 */
function callerConfig({ module, vars }, embed) {
  return `
const caller :Workerd.Worker = (
  modules = [(name = ${quote(nameOf(module))}, esModule = ${embed(module)})],
  compatibilityDate = ${quote(COMPATIBILITY_DATE)},
  bindings = [
    (name = "REALTIME", service = "main"),
    ${data(vars).join("\n    ")}
  ],
);
`;
}

/**
 * Bindings for data, as wrangler makes them.
 * @param {Record<string, unknown>} vars
 */
function data(vars) {
  return Object.entries(vars).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const isText = typeof value === "string";
    const bound = isText ? `text = ${quote(value)}` : `json = ${quote(JSON.stringify(value))}`;
    return [`(name = ${quote(name)}, ${bound}),`];
  });
}

/** @param {string} file */
function nameOf(file) {
  return /** @type {string} */ (file.split(/[/\\]/).at(-1));
}

/** @param {string} file */
function kindOf(file) {
  return file.endsWith(".wasm") ? "wasm" : "esModule";
}

/** @param {string} text */
function quote(text) {
  return JSON.stringify(text);
}
