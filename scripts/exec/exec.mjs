#!/usr/bin/env node
/**
 * `exec program arguments…` for cmd.exe. In a POSIX shell its own `exec` comes first: it puts the script in the shell's
 * place, so that npm waits for the script's end after Ctrl-C, and the script sees when npm is gone.
 */

import { spawn } from "node:child_process";

const [program = "", ...args] = process.argv.slice(2);
const child = spawn(program === "node" ? process.execPath : program, args, { stdio: "inherit" });
// The console tells both of Ctrl-C.
process.on("SIGINT", () => {});
child.on("error", ({ message }) => {
  console.error(message);
  process.exitCode = 1;
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
