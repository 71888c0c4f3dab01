/** An invalid option. */

/** Says which option is invalid, and why. It is the `cause` of a status that is `stopped`. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "invalid_option";
  readonly option: "host" | "projectId" | "docId" | "getToken" | "WebSocket" | "crypto";

  constructor(option: OptionError["option"], what: string) {
    super(`\`${option}\` ${what}`);
    this.option = option;
  }
}
