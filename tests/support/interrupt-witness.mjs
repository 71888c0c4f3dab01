/**
 * Loaded into a command under test: once its script learns of Ctrl-C, writes down which children it has. The system
 * delivers a signal before the script gets to know of it, and what is started in between is no fault.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { VALIDIANT_TEST_WITNESS: folder } = process.env;
if (folder && /[/\\]scripts[/\\]run\.mjs$/.test(process.argv[1] ?? "")) witness(folder);

/** @param {string} folder */
function witness(folder) {
  const { emit } = process;
  let knows = false;
  // A listener of our own would keep the signal from ending a process that has none.
  process.emit = (/** @type {unknown[]} */ ...event) => {
    if (event[0] === "SIGINT" && !knows) {
      knows = true;
      writeFileSync(join(folder, `${process.pid}`), children().join(" "));
    }
    return Reflect.apply(emit, process, event);
  };
}

function children() {
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && parent(pid) === process.pid);
}

/** @param {string} pid */
function parent(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It has ended since.
    return undefined;
  }
}
