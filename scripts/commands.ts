/** The commands of package.json. docs/commands.md lists them in the same words. */

import { above0, type CommandSpec, port, whole } from "./common/options.ts";

const dev: CommandSpec = {
  about: "serves the Worker on http://localhost:1999 and rebuilds it on every change",
  options: [
    ["--port <n>", "uses another port", 1999, port],
    ["--ip <address>", "0.0.0.0 also serves phones and other devices on the same network"],
  ],
  passesOnTo: "wrangler: npx wrangler dev --help",
  isServer: true,
  load: () => import("./serve/dev.ts"),
};

const deployOptions = "wrangler: npx wrangler deploy --help";

/** By name. */
export const COMMANDS: Record<string, CommandSpec> = {
  setup: {
    about:
      "installs what is missing: the Rust target, wasm-bindgen, and a browser, Python and Go for the tests",
    load: () => import("./setup/setup.ts"),
  },
  dev,
  "dev:all": {
    about: "serves the Worker together with the task board, its API and its database",
    options: [
      ["--port <n>", "port of the realtime server", 1999, port],
      ["--api-port <n>", "port of the API", 3001, port],
      ["--board-port <n>", "port of the board", 5173, port],
    ],
    isServer: true,
    load: () => import("./serve/dev-all.ts"),
  },
  secret: {
    about: "prints the secret of local development; use it as `npm run -s secret`",
    load: () => import("./serve/secret.ts"),
  },
  token: {
    about: "makes a token for development, or explains one",
    options: [
      ["--sub <user>", "the user"],
      ["--project, --projects <list>", "the projects: p1,p2 or *; with --check, those to check"],
      ["--name <name>", "the user's display name"],
      ["--avatar <url>", "the address of their picture"],
      ["--id <id>", "the token's id (jti), so that it can be revoked on its own"],
      [
        "--permissions <list>",
        "of subscribe, presence, send, publish, doc:read and doc:write, with commas; default: the first two",
      ],
      ["--minutes <n>", "lifetime in minutes", 15, above0],
      ["--check <token>", "explains this token, and says whether the server accepts it"],
    ],
    more: `Keys and rules come from .dev.vars or the environment: JWT_SECRET, JWT_SECRET_PREVIOUS, JWKS, JWKS_URL,
JWT_ISSUER, JWT_AUDIENCE, JWT_CLAIMS_PREFIX. If JWT_SECRET is not set, one is added to .dev.vars to sign with.`,
    load: () => import("./serve/token.ts"),
  },
  build: {
    about: "builds the Worker and the console",
    options: [
      ["--features <name>", "enables a feature of the Worker's crate"],
      ["--out-dir <folder>", "writes the Worker to this folder", "build"],
      ["--budget", "fails if the WebAssembly is larger than docs/wasm-size.json allows"],
      ["--record", "records its size in that file"],
    ],
    load: () => import("./build/build.ts"),
  },
  "build:package": {
    about: "builds the npm package and packs it into a file that an app can install",
    load: () => import("./build/package.ts"),
  },
  codegen: {
    about: "writes docs/errors and the TypeScript modules that come from the core",
    load: () => import("./check/program.ts"),
  },
  test: {
    about: "runs all tests, or the given files",
    rest: "[files...]",
    options: [["--only <part>", "core, box or scripts: only the tests of this part"]],
    more: `core: the Rust crates. box: the built Worker, the npm package with it, and the example. scripts: the scripts, and the
npm package alone. With TARGET=https://... SECRET=... the black-box tests run against a deployed Worker.`,
    load: () => import("./check/test.ts"),
  },
  lint: {
    about: "runs all compilers and linters",
    load: () => import("./check/lint.ts"),
  },
  format: {
    about: "fixes the formatting of all files",
    load: () => import("./check/lint.ts"),
  },
  "check:package": {
    about: "checks the packed npm package as its users get it: in Node, Bun, Deno and a bundler",
    load: () => import("./check/package.ts"),
  },
  audit: {
    about: "asks the registries and OSV about every package in the lock files",
    load: () => import("./check/audit.ts"),
  },
  sim: {
    about:
      "runs the simulator of rooms, clients, backends and faults; with `-- --grown`, that of a room over several objects",
    passesOnTo: "crates/sim",
    load: () => import("./check/program.ts"),
  },
  "sim:offline": {
    about: "runs the simulator of people who work offline, their tabs, an API and faults",
    options: [
      ["--histories <n>", "how many histories", 100_000, whole],
      [
        "--seed <n>",
        "repeats the histories of this seed; default: another one each time",
        0,
        whole,
      ],
    ],
    more: `Prints the shortest history that does not end well. npm test runs some, and checks that the simulator notices
breaks.`,
    load: () => import("./check/program.ts"),
  },
  "soak:documents": {
    about: "changes documents at random while the runtime is killed, with Yjs as the oracle",
    options: [
      ["--seeds <n>", "how many histories", 100, whole],
      ["--seed <n>", "the seed of the first one; default: another one each time", 0, whole],
      ["--steps <n>", "how long each is", 250, whole],
    ],
    more: `Several windows on one document, on unmodified providers of Yjs too, lose their connections, their disks and
the server again and again. At the end all must have the same, and nothing that the server acknowledged may be
lost. The random choices of a seed are the same each time; the timing is never quite the same.`,
    load: () => import("./check/program.ts"),
  },
  fuzz: {
    about: "fuzzes everything that parses outside input, or the given targets",
    rest: "[targets...]",
    options: [
      ["--seconds <n>", "how long each target is fuzzed", 60, whole],
      ["--input <file>", "runs only this input, for example after a failure"],
      ["--keep", "adds the new inputs that cover the most to the corpus in git"],
    ],
    more: `The targets are the functions in crates/fuzz/src/lib.rs. New inputs are saved in target/fuzz/corpus; npm test also
replays the corpus in git, crates/fuzz/fuzz/corpus. Stable Rust is enough, because there is no unsafe code to check
with a sanitizer. A C++ compiler is needed.`,
    load: () => import("./check/fuzz.ts"),
  },
  chaos: {
    about:
      "kills the runtime again and again under clients and publishers; with `-- --grown`, in rooms that grow and shrink",
    options: [
      ["--minutes <n>", "how long it runs", 5, above0],
      ["--clients <n>", "how many clients there are", 200, whole],
      ["--grown", "in rooms over up to 8 objects, which grow and shrink as clients come and go"],
    ],
    more: `Clients on partysocket reconnect with their position, publishers retry what was not answered, and the runtime is
killed and restarted on the same storage about once a second. Fails if a client missed an event, got one twice, got
one out of order or not meant for it, was told for no reason that it could not be recovered, or at the end does not know
how many users there are. SEED=... repeats the random choices; the timing is never quite the same.`,
    load: () => import("./check/program.ts"),
  },
  hostile: {
    about: "attacks the Worker in every known way, and measures an unrelated room",
    options: [["--minutes <n>", "how long it runs", 5, above0]],
    more: `Runs one attack after another, over and over, and prints a table after each round. Fails if an attempt was not
answered as docs/protocol.md says, or if an unrelated room missed an event or got anything else. The table shows how
fast that room stayed; npm test asserts it.`,
    load: () => import("./check/program.ts"),
  },
  bench: {
    about:
      "measures this server against JavaScript and partyserver, or what encryption or growth costs",
    options: [
      ["--quick", "smaller and at most 3 runs: 4 minutes instead of 30"],
      ["--only <text>", "the workloads whose name contains this", ""],
      [
        "--runs <n>",
        "the most that each workload is measured with each server; default: 5",
        undefined,
        whole,
      ],
      ["--sockets <n>", "the largest room; a process here can open 20,000 files", 9500, whole],
      ["--json <file>", "also writes the results to this file"],
      ["--record", "writes them into docs/performance.md, its chart and README.md"],
      ["--no-deflate", "clients do not offer permessage-deflate, which browsers do"],
      ["--peers-compress", "the peers compress, as the runtime does by default"],
      [
        "--encryption",
        "measures what encryption costs instead, in Node, in Chromium and in the room: 4 minutes",
      ],
      [
        "--grown",
        "measures a room that has grown over 8 objects against one in one object: 4 minutes",
      ],
    ],
    more: `All servers run in the same workerd, each in a process of its own, on one core; the load generator has another. Ours
is as shipped, with a history. Every delivery is checked: an event that is lost, duplicated, late or sent to an
excluded user fails the run.`,
    load: () => import("../bench/run.mjs"),
  },
  screenshots: {
    about: "takes the screenshots of the console",
    load: () => import("./check/program.ts"),
  },
  "party:dev": dev,
  "party:check": {
    about: "tries a deploy without an account: settings, size, and what would be uploaded",
    passesOnTo: deployOptions,
    load: () => import("./release/deploy.ts"),
  },
  "party:deploy": {
    about: "deploys the Worker, unless it has no secret or can't work with its settings",
    passesOnTo: deployOptions,
    load: () => import("./release/deploy.ts"),
  },
};
