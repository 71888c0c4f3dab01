/** Ports of this machine. */

import { createServer } from "node:net";
import { Failure } from "./failure.mjs";

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
