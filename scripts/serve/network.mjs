/** How other devices on the same network reach a server on this machine. */

import { networkInterfaces } from "node:os";

const EVERY_ADDRESS = ["0.0.0.0", "::", "*"];

/**
 * Whether a server that listens there can be reached from other machines.
 * @param {unknown} ip
 */
export function isForEverybody(ip) {
  return EVERY_ADDRESS.includes(String(ip));
}

/**
 * The addresses of this machine on its networks.
 * @param {ReturnType<typeof networkInterfaces>} interfaces
 */
export function addresses(interfaces = networkInterfaces()) {
  return Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}

/**
 * The notice for a server that everybody on the network can reach.
 * @param {string} port
 * @param {string | undefined} connectAuth as in .dev.vars
 * @param {string[]} own the addresses of this machine
 */
export function openToTheNetwork(port, connectAuth, own = addresses()) {
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
