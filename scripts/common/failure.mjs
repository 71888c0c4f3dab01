/** How a script fails: it prints what went wrong, the output of the failed command, and what to do next. */

/** Something that went wrong for a reason the user can do something about. */
export class Failure extends Error {
  /**
   * @param {string} message what went wrong
   * @param {{ next?: string | undefined, output?: string, log?: string }} [more] what to do next; the output of the
   *   failed command; the file with the full output
   */
  constructor(message, { next, output = "", log } = {}) {
    super(message);
    this.next = next;
    this.output = output;
    this.log = log;
  }
}

/** Thrown instead of continuing an interrupted script. It is not printed: the user knows. */
export class Interrupted extends Error {}

/**
 * Prints a failure.
 * @param {unknown} error
 */
export function report(error) {
  if (error instanceof Interrupted) return;
  // The message names the file and what is wrong with it; a stack would add nothing.
  if (isOfTheSystem(error)) return console.error(error.message);
  if (!(error instanceof Failure)) return console.error(error);
  if (error.output) console.error(`${error.output}\n`);
  console.error(error.message);
  if (error.log) console.error(`Full output: ${error.log}`);
  if (error.next) console.error(`Next: ${error.next}`);
}

/**
 * @param {unknown} error
 * @returns {error is NodeJS.ErrnoException}
 */
function isOfTheSystem(error) {
  return error instanceof Error && "syscall" in error;
}
