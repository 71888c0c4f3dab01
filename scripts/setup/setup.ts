/** Installs everything that the other commands need. Does nothing if everything is installed. */

import { join } from "node:path";
import { withLock } from "../common/lock.mjs";
import { CACHE } from "../common/paths.ts";
import { stayOrThrow } from "../common/processes.ts";
import { already, type Job, step } from "../common/steps.ts";
import { wasmBindgen } from "./cargo-tools.ts";
import { hasLanguages, hasPython, installLanguages, installPython } from "./languages.ts";
import { findChromium, hasCompiler, installChromium, installCompiler } from "./system.ts";
import { checkRust, findWasmToolchain, installWasmTarget } from "./toolchain.ts";

type Missing = [name: string, install: (job: Job) => Promise<unknown>][];

interface Wanted {
  rust?: boolean;
  /** The browser for the tests. */
  browser?: boolean;
  /** Python and Go, for the samples of the docs. */
  languages?: boolean;
}

/** Prepares the machine for the other commands. */
export async function setup(wanted: Wanted = {}): Promise<void> {
  const { rust = true, browser = false, languages = false } = wanted;
  if (rust) checkRust();
  // Without the lock, two commands started at the same time would install everything twice.
  const install = () => installMissing({ rust, browser, languages });
  await withLock(join(CACHE, "setup.lock"), install, stayOrThrow);
}

async function installMissing({ rust, browser, languages }: Required<Wanted>): Promise<void> {
  const [first, then]: [Missing, Missing] = [[], []];
  if (rust && !hasCompiler()) first.push(["C compiler", installCompiler]);
  if (rust && !findWasmToolchain()) first.push(["WebAssembly target", installWasmTarget]);
  if (languages && !hasPython()) first.push(["Python", installPython]);
  if (rust && !wasmBindgen.isInstalled()) then.push(["wasm-bindgen", wasmBindgen.install]);
  if (browser && !findChromium()) then.push(["Chromium", installChromium]);
  if (languages && !hasLanguages()) then.push(["Python and Go", installLanguages]);
  if (first.length + then.length === 0) return already("Tools and packages", "up to date");
  for (const [name, install] of first) await step(name, install);
  await Promise.all(then.map(([name, install]) => step(name, install)));
}

export default () => setup({ browser: true, languages: true });
