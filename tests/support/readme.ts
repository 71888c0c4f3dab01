/** The samples of a README or a page of the docs, to be run unchanged. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Block, blocksOf } from "../../scripts/check/readme.ts";
import { ROOT } from "../../scripts/common/paths.ts";
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

  /** This file of the repository, with the named server replaced by a test server. */
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

  /** The code under a heading, which must have this many blocks: no test would run another one. */
  code(heading: string, amount: number): string[] {
    const blocks = this.blocks(heading);
    assert.equal(blocks.length, amount, `the blocks of code under "${heading}"`);
    return blocks.map(({ code }) => code);
  }
}
