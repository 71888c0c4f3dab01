/** Measures what encryption costs, in Node, in Chromium and in the room, with the built Worker. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, startProcess } from "../../scripts/common/processes.ts";
import { listeningPort, WORKERD } from "../../scripts/serve/workerd-config.ts";
import { ourServer, SECRET } from "../servers.mjs";
import { inChromium } from "./page.mjs";
import { room } from "./room.mjs";
import * as work from "./work.mjs";

/** @typedef {{ sealed: number, sent: number, broadcasts: number }} Counts how many of each are measured */

/**
 * @typedef {object} Place
 * @property {string} place
 * @property {{ cipher: work.Cipher, rows: { what: string, times: number[] }[] }[]} sealing
 * @property {{ what: string, times: Awaited<ReturnType<typeof work.path>> }[]} paths
 */

/** @typedef {NonNullable<Awaited<ReturnType<typeof room>>> & { what: string }} RoomCost */
/** @typedef {{ places: Place[], rooms: RoomCost[] }} Measured */

/** The payloads of the events. */
const SIZES = [
  { size: "100 B", bytes: 100 },
  { size: "16 KB", bytes: 16_384 },
];

/** @param {Counts} counts @param {(doing: string) => void} onDoing @returns {Promise<Measured>} */
export async function measureEncryption(counts, onDoing) {
  const folder = mkdtempSync(join(tmpdir(), "validiant-bench-encryption-"));
  const { config, storage } = ourServer(folder);
  mkdirSync(storage);
  const args = ["serve", "--experimental", config, "--socket-addr", "http=127.0.0.1:0"];
  const workerd = startProcess(WORKERD, [...args, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const access = { url: `http://127.0.0.1:${await listeningPort(workerd)}`, secret: SECRET };
    onDoing("Node");
    const node = await inPlace(`Node ${process.versions.node}`, work, access, counts);
    onDoing("Chromium");
    const chromium = await inChromium(access.url, (inPage, version) =>
      inPlace(`Chromium ${version.split(".")[0]}`, inPage, access, counts),
    );
    onDoing("the room");
    const { pid = 0 } = workerd;
    return { places: [node, chromium], rooms: await roomCosts({ ...access, pid }, counts) };
  } finally {
    await endProcess(workerd);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} place
 * @param {import("./page.mjs").Work} work
 * @param {work.Access} access
 * @param {Counts} counts
 * @returns {Promise<Place>}
 */
async function inPlace(place, { events, updates, path }, access, { sealed: count, sent }) {
  const sealing = [];
  for (const cipher of work.CIPHERS) {
    const rows = [];
    for (const { size, bytes } of SIZES)
      rows.push(...both(`event of ${size}`, await events({ cipher, bytes, count })));
    rows.push(...both("update of a document of 20 B", await updates({ cipher, count })));
    sealing.push({ cipher, rows });
  }
  const paths = [];
  for (const { size, bytes } of SIZES)
    paths.push({ what: size, times: await path({ ...access, bytes, count: sent }) });
  return { place, sealing, paths };
}

/** @param {string} what @param {{ seal: number[], open: number[] }} times */
function both(what, { seal, open }) {
  return [
    { what: `seal an ${what}`, times: seal },
    { what: `open an ${what}`, times: open },
  ];
}

/** @param {work.Access & { pid: number }} server @param {Counts} counts */
async function roomCosts(server, { broadcasts: count }) {
  const rooms = [];
  for (const { size, bytes } of SIZES) {
    const cost = await room({ ...server, bytes, count });
    if (cost) rooms.push({ what: size, ...cost });
  }
  return rooms;
}
