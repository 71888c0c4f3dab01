/** Serves the board for development: PORT, and what vite.config.ts takes. */

import { join } from "node:path";
import { createServer } from "vite";

const { PORT = "5173" } = process.env;

const server = await createServer({
  configFile: join(import.meta.dirname, "vite.config.ts"),
  clearScreen: false,
  server: { port: Number(PORT) },
});
await server.listen();
console.log(`ready on http://localhost:${PORT}`);

async function stop(): Promise<void> {
  await server.close();
  process.exit();
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
