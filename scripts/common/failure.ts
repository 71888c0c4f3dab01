/** How a command fails: what went wrong, the output of the program that failed, and what to do next. */

interface More {
  /** What the user can do about it. */
  next?: string | undefined;
  /** What the failed program printed. */
  output?: string;
  /** The file with its full output. */
  log?: string;
}

/** Something that went wrong for a reason the user can do something about. */
export class Failure extends Error implements More {
  declare next?: string | undefined;
  declare output?: string;
  declare log?: string;

  constructor(message: string, more: More = {}) {
    super(message);
    Object.assign(this, more);
  }
}

/** Thrown instead of continuing an interrupted command. It is not printed: the user knows. */
export class Interrupted extends Error {}

export function report(error: unknown): void {
  if (error instanceof Interrupted) return;
  // The message of the system names the file and what is wrong with it; a stack would add nothing.
  if (error instanceof Error && "syscall" in error) return void console.error(error.message);
  if (!(error instanceof Failure)) return void console.error(error);
  if (error.output) console.error(`${error.output}\n`);
  console.error(error.message);
  if (error.log) console.error(`Full output: ${error.log}`);
  if (error.next) console.error(`Next: ${error.next}`);
}
