/** Makes tokens for development, and says in words why one is accepted or not. HELP below says how. */

import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { KeyRing } from "../src/signature.js";
import { show } from "./commands.mjs";
import { readDevVars, saveDevVar } from "./dev-vars.mjs";
import { Failure } from "./failure.mjs";
import { signed } from "./jwt.mjs";
import { main } from "./main.mjs";
import { setup } from "./setup.mjs";
import { rustEnv } from "./toolchain.mjs";

const HELP = `npm run token -- --sub u1 --projects p1        a token of this user for these projects (p1,p2 or *)
  --name "Ann"                 what people call the user
  --avatar URL                 where their picture is
  --id ID                      what the token is called, so that it can be revoked by itself
  --permissions LIST           subscribe,presence,publish; default: the first two
  --minutes N                  how long it lasts (15)
npm run token -- --check TOKEN [--project p1]  what it means to the server, and whether it is accepted

Keys and rules are those of .dev.vars, or of the environment: JWT_SECRET, JWT_SECRET_PREVIOUS, JWKS, JWKS_URL,
JWT_ISSUER, JWT_AUDIENCE. A JWT_SECRET is made in .dev.vars if there is no key; restart the server then.`;

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
  help: { type: "boolean", short: "h" },
});

const WHY = {
  invalid: "it is signed with none of the keys in .dev.vars and the environment.",
  unavailable: "JWKS_URL does not answer with a key set, so nobody can tell.",
};

await main(async () => {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.check !== undefined) return check(values.check, values.project);
  if (values.help || !values.sub || !values.projects) return console.log(HELP);
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Failure("--minutes: must be a number above 0.");
  const { sub, projects, name, avatar, id, permissions } = values;
  const iat = Math.floor(Date.now() / 1_000);
  const claims = {
    sub,
    name,
    avatar,
    jti: id,
    projects: projects === "*" ? "*" : projects.split(","),
    permissions: permissions?.split(","),
    iat,
    exp: Math.floor(iat + minutes * 60),
  };
  console.log(signed(claims, secret()));
  if (settings().CONNECT_AUTH === "open")
    console.error("CONNECT_AUTH=open lets everybody in. Take it out of .dev.vars to try tokens.");
});

/** The secret that signs, made if there is none. */
function secret() {
  const { JWT_SECRET } = settings();
  if (JWT_SECRET) return JWT_SECRET;
  const made = randomBytes(32).toString("base64url");
  saveDevVar("JWT_SECRET", made);
  console.error("A JWT_SECRET was made in .dev.vars. Restart npm run dev to have it accepted.");
  return made;
}

/** @returns {Record<string, string | undefined>} */
function settings() {
  return { ...readDevVars(), ...process.env };
}

/**
 * @param {string} token
 * @param {string | undefined} project
 */
async function check(token, project) {
  await setup();
  const env = { ...rustEnv(), ...settings() };
  const args = ["run", "--quiet", "-p", "validiant-core", "--example", "token", "--", token];
  if (!(await show("cargo", project === undefined ? args : [...args, project], env)))
    throw new Failure("\nNot accepted.");
  const verdict = await judge(token);
  if (verdict !== "valid") throw new Failure(`\nNot accepted: ${WHY[verdict]}`);
  console.log("signature  right\n\nAccepted.");
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
