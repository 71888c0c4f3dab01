/** The options of a command. An error is one line, with a suggestion if there is a similar option. */

import { parseArgs } from "node:util";
import { Failure } from "./failure.mjs";
import { nearest } from "./near.mjs";

/** @typedef {Record<string, { type: "string" | "boolean", short?: string, default?: string | boolean }>} Options */

/**
 * What was given on the command line; undefined for `--help`, whose text has then been printed.
 * @template {Options} T
 * @param {object} command
 * @param {string} command.help
 * @param {T} command.options
 * @param {boolean} [command.positionals] whether it takes arguments other than options
 * @param {string[]} [command.args]
 */
export function readOptions({ help, options, positionals = false, args = process.argv.slice(2) }) {
  const all = { ...options, help: /** @type {const} */ ({ type: "boolean", short: "h" }) };
  const { tokens } = parseArgs({ args, options: all, strict: false, tokens: true });
  const problem = tokens.map((token) => problemOf(token, all, positionals)).find(Boolean);
  const wantsHelp = tokens.some((token) => token.kind === "option" && token.name === "help");
  if (wantsHelp) return void console.log(help);
  if (problem) throw new Failure(problem, { next: `${nameOf(help)} --help` });
  return parseArgs({ args, options, allowPositionals: positionals });
}

/**
 * @param {{ kind: string, rawName?: string, name?: string, value?: string | undefined, inlineValue?: boolean | undefined }} token
 * @param {Options} options
 * @param {boolean} positionals
 */
function problemOf({ kind, rawName, name = "", value, inlineValue }, options, positionals) {
  if (kind === "positional") return positionals ? undefined : `${value}: this is not an option.`;
  if (kind !== "option") return undefined;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) return `${rawName}: unknown option.${meant(name, options)}`;
  if (option.type === "boolean") return inlineValue ? `${rawName} takes no value.` : undefined;
  const isNext = value?.startsWith("-") && !inlineValue;
  return value === undefined || isNext ? `${rawName} needs a value.` : undefined;
}

/** @param {string} name @param {Options} options */
function meant(name, options) {
  const near = nearest(name, Object.keys(options));
  return near === undefined ? "" : ` Did you mean --${near}?`;
}

/** The command at the beginning of its help. @param {string} help */
function nameOf(help) {
  return `${/^npm (run )?[\w:]+/.exec(help)?.[0] ?? "npm run"} --`;
}
