/** Makes tokens for development, and explains why a token is accepted or not. See HELP below. */

import { randomBytes } from "node:crypto";
import { KeyRing } from "../../src/signature.js";
import { outcome } from "../common/commands.mjs";
import { Failure } from "../common/failure.mjs";
import { main } from "../common/main.mjs";
import { readOptions } from "../common/options.mjs";
import { setup } from "../setup/setup.mjs";
import { rustEnv } from "../setup/toolchain.mjs";
import { readDevVars, saveDevVar } from "./dev-vars.mjs";
import { signed } from "./jwt.mjs";

const HELP = `npm run token -- --sub u1 --projects p1        a token of this user for these projects (p1,p2 or *)
  --name "Ann"                 the user's display name
  --avatar URL                 the address of their picture
  --id ID                      the token's id (jti), so that it can be revoked on its own
  --permissions LIST           subscribe,presence,publish; default: the first two
  --minutes N                  lifetime in minutes (15)
npm run token -- --check TOKEN                 explains a token, and says whether the server accepts it
  --projects p1                checks these projects; default: the ones in the token

--project is the same as --projects.
Keys and rules come from .dev.vars or the environment: JWT_SECRET, JWT_SECRET_PREVIOUS, JWKS, JWKS_URL,
JWT_ISSUER, JWT_AUDIENCE, JWT_CLAIMS_PREFIX. If JWT_SECRET is not set, one is added to .dev.vars to sign with.`;

const OPTIONS = /** @type {const} */ ({
  sub: { type: "string" },
  projects: { type: "string" },
  name: { type: "string" },
  avatar: { type: "string" },
  id: { type: "string" },
  permissions: { type: "string" },
  minutes: { type: "string", default: "15" },
  check: { type: "string" },
  project: { type: "string" },
});

/** How many of the projects in a token are shown. */
const MOST_SHOWN = 10;

const WHY = {
  invalid: "it is not signed with any of the keys in .dev.vars or the environment.",
  unavailable: "JWKS_URL did not return a key set, so the signature can't be checked.",
};

await main(async () => {
  const given = readOptions({ help: HELP, options: OPTIONS });
  if (!given) return;
  const { values } = given;
  const projects = projectsIn(values);
  if (values.check !== undefined) return check(values.check.trim(), projects);
  const { sub, name, avatar, id, permissions } = values;
  if (!sub || !projects) {
    const missing = [sub ? [] : "--sub", projects ? [] : "--projects"].flat().join(" and ");
    throw new Failure(`A token needs ${missing}.`, { next: "npm run token -- --help" });
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && Number.isFinite(minutes)))
    throw new Failure(`--minutes ${values.minutes}: must be a number above 0.`);
  const iat = Math.floor(Date.now() / 1_000);
  const claims = {
    sub,
    name,
    avatar,
    jti: id,
    projects: projects.includes("*") ? "*" : projects,
    permissions: permissions?.split(","),
    iat,
    exp: Math.floor(iat + minutes * 60),
  };
  console.log(signed(claims, secret()));
  if (settings().CONNECT_AUTH === "open")
    console.error("CONNECT_AUTH=open lets everybody in. Remove it from .dev.vars to try tokens.");
});

/** The secret to sign with. Makes one if there is none. */
function secret() {
  const { JWT_SECRET } = settings();
  if (JWT_SECRET) return JWT_SECRET;
  const made = randomBytes(32).toString("base64url");
  saveDevVar("JWT_SECRET", made);
  console.error("Added a new JWT_SECRET to .dev.vars. npm run dev picks it up at once.");
  return made;
}

/** @returns {Record<string, string | undefined>} */
function settings() {
  return { ...readDevVars(), ...process.env };
}

/**
 * The projects given on the command line.
 * @param {{ project?: string | undefined, projects?: string | undefined }} values
 */
function projectsIn({ project, projects }) {
  if (project !== undefined && projects !== undefined)
    throw new Failure("--project and --projects are the same: use only one of them.");
  const names = (projects ?? project)?.split(",").map((name) => name.trim());
  if (names?.includes("")) throw new Failure("--projects: a name is empty.");
  return names;
}

/**
 * Prints what a token means, what it allows in each project, and whether its signature is valid.
 * @param {string} token
 * @param {string[] | undefined} projects
 */
async function check(token, projects) {
  await setup();
  console.log(await inWords(token));
  const asked = projects ?? projectsOf(token);
  if (asked.length === 0) throw new Failure("\nNot accepted: it names no project.");
  for (const project of asked) console.log((await inWords(token, project)).split("\n").at(-1));
  const verdict = await judge(token);
  if (verdict !== "valid") throw new Failure(`\nNot accepted: ${WHY[verdict]}`);
  console.log("signature  valid\n\nAccepted.");
}

/**
 * What the server reads in a token. Fails if the server would refuse it.
 * @param {string} token
 * @param {string[]} project the last line says what the token allows in this project
 */
async function inWords(token, ...project) {
  const args = ["run", "--quiet", "-p", "validiant-core", "--example", "token", "--"];
  const env = { ...rustEnv(), ...settings() };
  const { status, stdout, stderr } = await outcome("cargo", [...args, token, ...project], env);
  if (status !== 0) throw new Failure(`${stdout || stderr}\nNot accepted.`);
  return stdout.trimEnd();
}

/**
 * The projects in a token that the server has already read; `*` stands for any.
 * @param {string} token
 * @returns {string[]}
 */
function projectsOf(token) {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  const name = `${settings().JWT_CLAIMS_PREFIX ?? ""}projects`;
  // A prefix that ends in a dot can name an object that contains the claims.
  const inObject = name.split(".").reduce((object, step) => object?.[step], claims);
  const named = claims[name] ?? inObject ?? claims.projects ?? [];
  return [named].flat().slice(0, MOST_SHOWN);
}

/** @param {string} token */
async function judge(token) {
  const { JWT_SECRET, JWT_SECRET_PREVIOUS, JWKS: jwks, JWKS_URL: jwksUrl } = settings();
  const secrets = [JWT_SECRET, JWT_SECRET_PREVIOUS].filter((secret) => secret !== undefined);
  const [header = "", claims, signature = ""] = token.split(".");
  const { alg, kid } = JSON.parse(Buffer.from(header, "base64url").toString());
  const bytes = Uint8Array.from(Buffer.from(signature, "base64url"));
  return new KeyRing({ secrets, jwks, jwksUrl }).verify(alg, kid, `${header}.${claims}`, bytes);
}
