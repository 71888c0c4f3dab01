/** How a script fails: with what went wrong, what the failed command said, and what to do next. */

/** Something that went wrong for a reason the user can do something about. */
export class Failure extends Error {
  /**
   * @param {string} message what went wrong
   * @param {{ next?: string | undefined, output?: string, log?: string }} [more] the command to type or thing to
   *   do next; what the failed command printed; the file with all that was printed
   */
  constructor(message, { next, output = "", log } = {}) {
    super(message);
    this.next = next;
    this.output = output;
    this.log = log;
  }
}

/** Stands in for what an interrupted script can not do any more. It is not printed: the user knows. */
export class Interrupted extends Error {}

/**
 * Prints a failure.
 * @param {unknown} error
 */
export function report(error) {
  if (error instanceof Interrupted) return;
  // The system says in words what is wrong with which file: a stack says nothing more.
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
