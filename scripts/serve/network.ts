/** Ports of this machine, and how other devices on the same network reach a server on it. */

import { once } from "node:events";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { Failure } from "../common/failure.ts";

/** Both meanings of `localhost`. A browser tries the second one first, and might reach another program there. */
const LOCAL = ["127.0.0.1", "::1"];
const EVERY_ADDRESS = ["0.0.0.0", "::", "*"];

/** Fails if a port is in use, or needs privileges. `otherwise` is the command with another port. */
export async function checkPort(port: number, otherwise: string): Promise<void> {
  for (const address of LOCAL) {
    const error = await tryToListen(port, address);
    if (error !== "EADDRINUSE" && error !== "EACCES") continue;
    const why = error === "EACCES" ? "reserved for the system" : "in use";
    throw new Failure(`Port ${port} is ${why}.`, { next: `Use another port: ${otherwise}` });
  }
}

/** The error of listening on a port, if any. A machine may well have no IPv6. */
async function tryToListen(port: number, address: string): Promise<string | undefined> {
  const server = createServer();
  try {
    await once(server.listen(port, address), "listening");
    await once(server.close(), "close");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** Whether a server that listens there can be reached from other machines. */
export function isForEverybody(ip: unknown): boolean {
  return EVERY_ADDRESS.includes(String(ip));
}

/** The addresses of this machine on its networks. */
export function addresses(interfaces = networkInterfaces()): string[] {
  return Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}

/** The notice for a server that everybody on the network can reach. */
export function openToTheNetwork(
  port: string,
  connectAuth: string | undefined,
  own = addresses(),
): string {
  const hosts = own.map((address) => `  http://${address}:${port}   (host: "${address}:${port}")`);
  const where = hosts.length > 0 ? hosts : ["  (this machine has no address on a network)"];
  const who =
    connectAuth === "open"
      ? "CONNECT_AUTH=open lets anybody on it connect as any user."
      : "Clients need a token.";
  return `From a phone on the same network:
${where.join("\n")}
Every device on this network can reach this server now. ${who}`;
}
