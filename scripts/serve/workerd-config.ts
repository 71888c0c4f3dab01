/** The runtime, and a config with which it serves one Worker on its own, without wrangler and its proxy. */

import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { basename, join, relative } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { WORKER_FILES } from "../build/compile.ts";
import { Failure } from "../common/failure.ts";

/**
 * The path of the platform's binary. The npm command is a wrapper that does not forward SIGKILL. The package has no
 * types; its default export is this path.
 */
export const WORKERD: string = createRequire(import.meta.url)("workerd").default;

/** The date and the flags of wrangler.toml; a test checks that they agree. */
export const COMPATIBILITY_DATE = "2026-09-01";
export const COMPATIBILITY_FLAGS = ["no_web_socket_compression", "no_nodejs_compat"];

/** Variables by name. Undefined is not set, and a value that is not text is JSON. */
type Vars = Record<string, unknown>;

/** A class of Durable Objects, and the binding with which the Worker reaches them. */
interface ObjectClass {
  className: string;
  binding?: string;
}

export interface WorkerConfig {
  /** For the config file; it has a folder `storage`. */
  folder: string;
  /** The files of the Worker, as full paths; the first is its entry point. */
  modules: string[];
  objects: ObjectClass[];
  vars: Vars;
  flags?: string[];
  caller?: Caller | undefined;
}

/**
 * Another Worker of one file, which gets the requests instead of the first, and reaches that one through a service
 * binding `REALTIME`.
 */
export interface Caller {
  module: string;
  vars: Vars;
}

/** The classes of this Worker, as in wrangler.toml. */
const OWN_OBJECTS = [
  { className: "ProjectRoom", binding: "ROOMS" },
  { className: "DocumentRoom", binding: "DOCUMENTS" },
];

/** This Worker, built into a folder, as a part of its config. */
export function ownWorker(build: string) {
  const modules = WORKER_FILES.map((file) => join(build, file));
  return { modules, objects: OWN_OBJECTS };
}

/**
 * The port on which a process of the runtime listens, once it does. It must be started with `--control-fd=3`. What it has
 * said goes into the error if it ends.
 */
export function listeningPort(workerd: ChildProcess, said = () => ""): Promise<number> {
  return new Promise((resolve, reject) => {
    workerd.once("exit", (code) => reject(new Failure(`workerd exited with ${code}:\n${said()}`)));
    createInterface({ input: workerd.stdio[3] as Readable }).on("line", (line) => {
      const { event, port } = JSON.parse(line);
      if (event === "listen" && port !== undefined) resolve(port);
    });
  });
}

/** The text of a config: the Worker, a namespace for each class of its objects, and a disk for their storage. */
export function workerdConfig(worker: WorkerConfig): string {
  const { folder, modules, objects, vars, flags, caller } = worker;
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
  modules = [${modules.map((file) => embedded(folder, file))}],
  compatibilityDate = ${quote(COMPATIBILITY_DATE)},
  compatibilityFlags = [${(flags ?? COMPATIBILITY_FLAGS).map(quote)}],
  durableObjectNamespaces = [${objects.map(({ className }) => namespace(quote(className)))}],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [${[...objects.flatMap(bound), ...data(vars)]}],
);
${caller ? callerConfig(folder, caller) : ""}`;
}

function callerConfig(folder: string, { module, vars }: Caller): string {
  return `
const caller :Workerd.Worker = (
  modules = [${embedded(folder, module)}],
  compatibilityDate = ${quote(COMPATIBILITY_DATE)},
  bindings = [${['(name = "REALTIME", service = "main")', ...data(vars)]}],
);
`;
}

/** A module. capnp reads embedded files relative to the config. */
function embedded(folder: string, file: string): string {
  const kind = file.endsWith(".wasm") ? "wasm" : "esModule";
  const path = relative(folder, file).replaceAll("\\", "/");
  return `(name = ${quote(basename(file))}, ${kind} = embed ${quote(path)})`;
}

/** @param className in quotes */
function namespace(className: string): string {
  return `(className = ${className}, uniqueKey = ${className}, enableSql = true)`;
}

function bound({ className, binding }: ObjectClass): string[] {
  if (binding === undefined) return [];
  return [`(name = ${quote(binding)}, durableObjectNamespace = ${quote(className)})`];
}

/** Bindings for data, as wrangler makes them. */
function data(vars: Vars): string[] {
  const bindings = Object.entries(vars).filter(([, value]) => value !== undefined);
  const valued = (value: unknown) =>
    typeof value === "string" ? `text = ${quote(value)}` : `json = ${quote(JSON.stringify(value))}`;
  return bindings.map(([name, value]) => `(name = ${quote(name)}, ${valued(value)})`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
