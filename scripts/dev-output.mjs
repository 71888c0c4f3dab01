/** Turns what `wrangler dev` prints into what a developer wants to read. */

import { stripVTControlCharacters } from "node:util";

const NOISE = [
  /^\[custom build\] Running:/,
  /^\[custom build\] .*, unchanged$/,
  /^Using secrets defined in/,
  /^Your Worker has access to the following bindings/,
  /^Binding\s+Resource\s+Mode/,
  /^env\./,
  /^\[wrangler:info\] ✨ Parsed \d+ valid header rule/u,
  /^⎔ (Starting|Reloading) local server/,
  /^🪵/u,
];
const PREFIX = /\[(?:custom build|wrangler:\w+)\](\S*) ?/;
const READY = /^\[wrangler:info\] Ready on (\S+)/;

/**
 * Makes a function that takes lines one after the other and returns each as it should be shown, if at all.
 * @param {(url: string) => void} onReady called when the server answers
 * @returns {(line: string) => string | undefined}
 */
export function devOutput(onReady) {
  return (line) => {
    const plain = stripVTControlCharacters(line).trim();
    const url = READY.exec(plain)?.[1];
    if (url) return void onReady(url);
    const text = line.replace(PREFIX, "$1");
    const hidden =
      stripVTControlCharacters(text).trim() === "" || NOISE.some((noise) => noise.test(plain));
    return hidden ? undefined : text;
  };
}
