/** Ports of this machine. */

import { createServer } from "node:net";
import { Failure } from "./failure.mjs";

const LARGEST = 65_535;

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
 * Fails if a port is in use.
 * @param {number} port
 * @param {string} otherwise the command that takes another port
 */
export async function checkPort(port, otherwise) {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once("error", () =>
      reject(
        new Failure(`Port ${port} is in use.`, {
          next: `End the other program, or take another port: ${otherwise}`,
        }),
      ),
    );
    server.listen(port, "localhost", () => server.close(resolve));
  });
}
