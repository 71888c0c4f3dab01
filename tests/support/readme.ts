/** What a README or a page of docs shows, to be run as it stands there. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../scripts/paths.mjs";
import { type Block, blocksOf } from "../../scripts/readme.mjs";
import type { Server } from "./target.ts";

/** Where they have the server. */
const DEV_HOST = "localhost:1999";

export class Readme {
  readonly text: string;
  readonly #server: Server;

  private constructor(text: string, server: Server) {
    this.text = text;
    this.#server = server;
  }

  /** This file of the repository, for a server that stands in for the one that it names. */
  static async read(file: string, server: Server): Promise<Readme> {
    return new Readme(await readFile(join(ROOT, file), "utf8"), server);
  }

  /** The blocks of code under a heading. */
  blocks(heading: string): Block[] {
    const { host } = new URL(this.#server.url);
    return blocksOf(this.text, heading).map(({ language, code }) => ({
      language,
      code: code.replaceAll(DEV_HOST, host),
    }));
  }

  /** The code under a heading, which has so many blocks: one more would be run by no test. */
  code(heading: string, amount: number): string[] {
    const blocks = this.blocks(heading);
    assert.equal(blocks.length, amount, `the blocks of code under "${heading}"`);
    return blocks.map(({ code }) => code);
  }
}
