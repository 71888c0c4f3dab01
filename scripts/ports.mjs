/** Ports of this machine. */

import { createServer } from "node:net";
import { Failure } from "./failure.mjs";

const LARGEST = 65_535;
/** What `localhost` may mean: a browser takes the second one first, and would come to another program there. */
const LOCAL = ["127.0.0.1", "::1"];

/**
 * Reads a port as it stands on the command line.
 * @param {string} text
 * @param {string} option by which it was given
 */
export function readPort(text, option) {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= LARGEST) return port;
  throw new Failure(`${option} ${text}: a port is a number from 1 to ${LARGEST}.`);
}

/**
 * Fails if a port is in use, or may not be used.
 * @param {number} port
 * @param {string} otherwise the command that takes another port
 */
export async function checkPort(port, otherwise) {
  for (const address of LOCAL) {
    const error = await tryToListen(port, address);
    if (error === "EADDRINUSE")
      throw new Failure(`Port ${port} is in use.`, {
        next: `End the other program, or take another port: ${otherwise}`,
      });
    if (error === "EACCES")
      throw new Failure(`Port ${port} is for the system's own programs.`, {
        next: `Take another port: ${otherwise}`,
      });
  }
}

/**
 * What speaks against a port; a machine may well have no IPv6.
 * @param {number} port
 * @param {string} address
 * @returns {Promise<string | undefined>}
 */
function tryToListen(port, address) {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (/** @type {NodeJS.ErrnoException} */ { code }) => resolve(code));
    server.listen(port, address, () => server.close(() => resolve(undefined)));
  });
}
