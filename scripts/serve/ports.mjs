/** Ports of this machine. */

import { createServer } from "node:net";
import { Failure } from "../common/failure.mjs";

const LARGEST = 65_535;
/** Both meanings of `localhost`. A browser tries the second one first, and might reach another program there. */
const LOCAL = ["127.0.0.1", "::1"];

/**
 * Reads a port from the command line.
 * @param {string} text
 * @param {string} option the option that sets it
 */
export function readPort(text, option) {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= LARGEST) return port;
  throw new Failure(`${option} ${text}: a port is a number from 1 to ${LARGEST}.`);
}

/**
 * Fails if a port is in use, or needs privileges.
 * @param {number} port
 * @param {string} otherwise the command with another port
 */
export async function checkPort(port, otherwise) {
  for (const address of LOCAL) {
    const error = await tryToListen(port, address);
    if (error === "EADDRINUSE")
      throw new Failure(`Port ${port} is in use.`, {
        next: `Stop the other program, or use another port: ${otherwise}`,
      });
    if (error === "EACCES")
      throw new Failure(`Port ${port} is reserved for the system.`, {
        next: `Use another port: ${otherwise}`,
      });
  }
}

/**
 * The error of listening on a port, if any. A machine may well have no IPv6.
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
