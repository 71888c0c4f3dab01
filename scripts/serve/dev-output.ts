/** Turns what `wrangler dev` prints into what a developer wants to read. */

import { stripVTControlCharacters } from "node:util";
import { clock, inWords } from "./dev-log.ts";

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
  // Requests for which the Worker logs its own line. Reading a room's state changes nothing.
  /^\[wrangler:info\] (?:GET \S+ (?:101|4)|(?:POST|DELETE) \S*\/parties\/\S+ [24])/,
  // The console asks every ten seconds.
  /^\[wrangler:info\] GET \S*\/health 200 /,
];
const PREFIX = /\[(?:custom build|wrangler:\w+)\](\S*) ?/;
const REQUEST = /^\[wrangler:info\] (?=[A-Z]+ \/\S* \d{3} )/;
const READY = /^\[wrangler:info\] Ready on (\S+)/;

/**
 * Makes a function that takes lines one after the other and returns each as it should be shown, if at all. `onReady` is
 * called when the server answers.
 */
export function devOutput(onReady: (url: string) => void, now = () => new Date()) {
  return (line: string): string | undefined => {
    const plain = stripVTControlCharacters(line).trim();
    const url = READY.exec(plain)?.[1];
    if (url) return void onReady(url);
    if (NOISE.some((noise) => noise.test(plain))) return undefined;
    const said = inWords(plain, now());
    if (said !== undefined) return said;
    if (REQUEST.test(plain)) return `${clock(now())} ${plain.replace(REQUEST, "")}`;
    const text = line.replace(PREFIX, "$1");
    return stripVTControlCharacters(text).trim() === "" ? undefined : text;
  };
}
