/** Makes tokens for development, and explains why a token is accepted or not. */

import { KeyRing } from "../../src/signature.js";
import { Failure } from "../common/failure.ts";
import { outcome } from "../common/programs.ts";
import { setup } from "../setup/setup.ts";
import { rustEnv } from "../setup/toolchain.ts";
import { randomSecret, readDevVars, saveDevVar } from "./dev-vars.ts";
import { signed } from "./jwt.ts";

/** How many of the projects in a token are shown. */
const MOST_SHOWN = 10;
const WHY = {
  invalid: "it is not signed with any of the keys in .dev.vars or the environment.",
  unavailable: "JWKS_URL did not return a key set, so the signature can't be checked.",
};

interface Options {
  sub?: string;
  projects?: string;
  name?: string;
  avatar?: string;
  id?: string;
  permissions?: string;
  minutes: number;
  check?: string;
}

export default async (options: Options): Promise<void> => {
  const { sub, name, avatar, id, permissions, minutes } = options;
  const projects = options.projects?.split(",").map((name) => name.trim());
  if (projects?.includes("")) throw new Failure("--projects: a name is empty.");
  if (options.check !== undefined) return check(options.check.trim(), projects);
  if (!sub || !projects) {
    const missing = [sub ? [] : "--sub", projects ? [] : "--projects"].flat().join(" and ");
    throw new Failure(`A token needs ${missing}.`, { next: "npm run token -- --help" });
  }
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
};

/** The secret to sign with. Makes one if there is none. */
function secret(): string {
  const { JWT_SECRET } = settings();
  if (JWT_SECRET) return JWT_SECRET;
  const made = randomSecret();
  saveDevVar("JWT_SECRET", made);
  console.error("Added a new JWT_SECRET to .dev.vars. npm run dev picks it up at once.");
  return made;
}

function settings(): Record<string, string | undefined> {
  return { ...readDevVars(), ...process.env };
}

/** Prints what a token means, what it allows in each project, and whether its signature is valid. */
async function check(token: string, projects: string[] | undefined): Promise<void> {
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
 * What the server reads in a token; the last line says what it allows in the project. Fails if the server would refuse
 * it.
 */
async function inWords(token: string, ...project: string[]): Promise<string> {
  const args = ["run", "--quiet", "-p", "validiant-core", "--example", "token", "--"];
  const env = { ...rustEnv(), ...settings() };
  const { status, stdout, stderr } = await outcome("cargo", [...args, token, ...project], env);
  if (status !== 0) throw new Failure(`${stdout || stderr}\nNot accepted.`);
  return stdout.trimEnd();
}

/** The projects in a token that the server has already read; `*` stands for any. */
function projectsOf(token: string): string[] {
  const claims = decoded(token.split(".")[1]);
  const name = `${settings().JWT_CLAIMS_PREFIX ?? ""}projects`;
  // A prefix that ends in a dot can name an object that contains the claims.
  const inObject = name.split(".").reduce((object, step) => object?.[step], claims);
  const named = claims[name] ?? inObject ?? claims.projects ?? [];
  return [named].flat().slice(0, MOST_SHOWN);
}

async function judge(token: string) {
  const { JWT_SECRET, JWT_SECRET_PREVIOUS, JWKS: jwks, JWKS_URL: jwksUrl } = settings();
  const secrets = [JWT_SECRET, JWT_SECRET_PREVIOUS].filter((secret) => secret !== undefined);
  const [header = "", claims, signature = ""] = token.split(".");
  const { alg, kid } = decoded(header);
  const bytes = Uint8Array.from(Buffer.from(signature, "base64url"));
  return new KeyRing({ secrets, jwks, jwksUrl }).verify(alg, kid, `${header}.${claims}`, bytes);
}

function decoded(part = "") {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}
