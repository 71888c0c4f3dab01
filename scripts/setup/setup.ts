/** Installs everything that the other commands need. Does nothing if everything is installed. */

import { join } from "node:path";
import { withLock } from "../common/lock.mjs";
import { CACHE } from "../common/paths.ts";
import { stayOrThrow } from "../common/processes.ts";
import { already, type Job, step } from "../common/steps.ts";
import { wasmBindgen } from "./cargo-tools.ts";
import { findChromium, hasCompiler, installChromium, installCompiler } from "./system.ts";
import { checkRust, findWasmToolchain, installWasmTarget } from "./toolchain.ts";

type Missing = [name: string, install: (job: Job) => Promise<unknown>][];

interface Wanted {
  rust?: boolean;
  /** The browser for the tests. */
  browser?: boolean;
}

/** Prepares the machine for the other commands. */
export async function setup({ rust = true, browser = false }: Wanted = {}): Promise<void> {
  if (rust) checkRust();
  // Without the lock, two commands started at the same time would install everything twice.
  const install = () => installMissing({ rust, browser });
  await withLock(join(CACHE, "setup.lock"), install, stayOrThrow);
}

async function installMissing({ rust, browser }: Required<Wanted>): Promise<void> {
  const [first, then]: [Missing, Missing] = [[], []];
  if (rust && !hasCompiler()) first.push(["C compiler", installCompiler]);
  if (rust && !findWasmToolchain()) first.push(["WebAssembly target", installWasmTarget]);
  if (rust && !wasmBindgen.isInstalled()) then.push(["wasm-bindgen", wasmBindgen.install]);
  if (browser && !findChromium()) then.push(["Chromium", installChromium]);
  if (first.length + then.length === 0) return already("Tools and packages", "up to date");
  for (const [name, install] of first) await step(name, install);
  await Promise.all(then.map(([name, install]) => step(name, install)));
}

export default () => setup({ browser: true });
