/** An option that can't be right. */

/** Which option of the connection is wrong, and how. It is `cause` of a status that is `stopped`. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "invalid_option";
  readonly option: "host" | "projectId" | "getToken" | "WebSocket";

  constructor(option: OptionError["option"], what: string) {
    super(`\`${option}\` ${what}`);
    this.option = option;
  }
}
