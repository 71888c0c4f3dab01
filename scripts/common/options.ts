/** The options of a command. An error is one line, with a suggestion if there is a similar option. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { Failure } from "./failure.ts";

export type Values = Record<string, string | number | boolean | undefined>;

export interface CommandSpec {
  /** One line for docs/commands.md and `--help`. */
  about: string;
  /** What else its help says. */
  more?: string;
  /** Each with its flags, what it does, its default, and what reads it. */
  options?: [flags: string, about: string, initial?: string | number | undefined, read?: Reader][];
  /** The arguments that it takes, such as `[files...]`. */
  rest?: string;
  /** The program that gets all other options. */
  passesOnTo?: string;
  /** Whether Ctrl-C is the normal way to end it. */
  isServer?: boolean;
  load(): Promise<{ default(options: never, rest: string[], name: string): Promise<void> }>;
}

type Reader = (text: string) => number;

/** What was given on the command line; undefined for `--help`, whose text has then been printed. */
export function readOptions(
  name: string,
  spec: CommandSpec,
  args: string[],
): { options: Values; rest: string[] } | undefined {
  const command = new Command(`npm run ${name} --`)
    .description(`${spec.about[0]?.toUpperCase()}${spec.about.slice(1)}.`)
    .allowUnknownOption(Boolean(spec.passesOnTo))
    .allowExcessArguments(Boolean(spec.passesOnTo))
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  const others = spec.passesOnTo && `All other options go to ${spec.passesOnTo}.`;
  command.addHelpText(
    "after",
    [spec.more, others].map((text) => (text ? `\n${text}` : "")).join(""),
  );
  if (spec.rest) command.argument(spec.rest);
  for (const [flags, about, initial, read] of spec.options ?? []) {
    const option = new Option(flags, about).default(initial);
    command.addOption(read ? option.argParser(read) : option);
  }
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    const message = error.message.replace("error: ", "").replaceAll("\n", " ");
    throw new Failure(message, { next: `npm run ${name} -- --help` });
  }
  return { options: command.opts(), rest: command.args };
}

/** A number above 0. */
export function above0(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** A whole number above 0. */
export function whole(text: string): number {
  if (Number.isInteger(above0(text))) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

/** A port of TCP. */
export function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError("A port is a number from 1 to 65535.");
}
