/** The samples in the docs for functions of Next.js, Vercel and AWS work as described. What only the platform provides is simulated here. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { launch } from "../support/chromium.ts";
import { Program, startOnPage } from "../support/program.ts";
import { Readme } from "../support/readme.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../support/target.ts";
import { JWT_SECRET, token } from "../support/token.ts";

/** Replaces an import from the platform. Fails if there is none: then the sample has changed. */
function given(code: string | undefined, module: string, words: string): string {
  const pattern = new RegExp(`^import .* from "${module}";.*$`, "m");
  assert.match(code ?? "", pattern);
  return (code ?? "").replace(pattern, words);
}

describe("a function", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const vars = { CONNECT_AUTH: undefined, ALLOWED_ORIGINS: undefined, JWT_SECRET };
  const { server } = await startOwnServer({ vars });
  const backends = await Readme.read(join("docs", "backends.md"), server);
  const clients = await Readme.read(join("docs", "clients.md"), server);
  const env = { REALTIME_URL: server.url, BROADCAST_SECRET: SECRET, JWT_SECRET };

  /** A client in its own room. */
  async function follow() {
    const room = server.room();
    const ann = await room.join({ token: token({ sub: "ann" }) });
    return { room, ann };
  }

  test("of Next.js broadcasts in after()", async () => {
    const { room, ann } = await follow();
    const [code] = backends.code("Next.js", 1);
    const route = given(code, "next/server", "let after = (work) => (globalThis.work = work);");
    const { said } = await Program.start(
      `${route}
      const body = JSON.stringify({ projectId: "${room.id}", taskId: "t1" });
      const answer = await POST(new Request("http://localhost", { method: "POST", body }));
      tell("answered", await answer.json());
      await globalThis.work();
    `,
      { env },
    );
    assert.deepEqual((await said.next(["answered"])).payload, { saved: true });
    assert.deepEqual((await ann.next("TASK_UPDATED")).payload, { taskId: "t1" });
  });

  test("of Vercel hands its broadcasts to waitUntil", async () => {
    const { room, ann } = await follow();
    const [code] = backends.code("Vercel, Netlify", 1);
    const handOver = 'let waitUntil = (work) => work.then(() => tell("handed over"));';
    const { said } = await Program.start(
      `${given(code, "@vercel/functions", handOver)}
      import { broadcastToProject } from "@validiant/realtime/server";
      await broadcastToProject("${room.id}", "TASK_UPDATED", { taskId: "t1" });
    `,
      { env },
    );
    await said.next(["handed over"]);
    assert.deepEqual((await ann.next("TASK_UPDATED")).payload, { taskId: "t1" });
  });

  test("of AWS answers when its event has been accepted", async () => {
    const { room, ann } = await follow();
    const [code] = backends.code("AWS Lambda", 1);
    const program = await Program.start(
      `${code}
      const answer = await handler({ projectId: "${room.id}", taskId: "t1" });
      tell("answered", answer);
      process.exit();
    `,
      { env: { ...env, AWS_LAMBDA_FUNCTION_NAME: "api" } },
    );
    assert.deepEqual((await program.said.next(["answered"])).payload, { statusCode: 204 });
    assert.deepEqual((await ann.next("TASK_UPDATED")).payload, { taskId: "t1" });
  });

  test("of Next.js signs the token with which its client component connects", async () => {
    const room = server.room();
    const [component, route] = clients.code("Next.js", 2);
    const signIn = 'const currentUser = async () => ({ id: "ann", name: "Ann" });';
    const { said: signed } = await Program.start(
      `${given(route, "@/lib/session", signIn)}
      const params = Promise.resolve({ projectId: "${room.id}" });
      tell("token", await (await GET(new Request("http://localhost"), { params })).json());
    `,
      { env },
    );
    const answer = JSON.stringify((await signed.next(["token"])).payload);
    const router = 'const useRouter = () => ({ refresh: () => tell("refreshed") });';
    const browser = await launch();
    after(() => browser.close());
    const live = given(component, "next/navigation", router);
    const { page, said } = await startOnPage(
      browser,
      `${live}
      import { createRoot } from "react-dom/client";
      createRoot(document.getElementById("root")).render(<Live projectId="${room.id}" host="${server.url}" />);
    `,
      { api: (path) => (path === `/api/realtime-token/${room.id}` ? answer : "") },
    );
    await page.getByText("1 here").waitFor();
    await room.broadcast("TASK_UPDATED", { payload: { taskId: "t1" } });
    await said.next(["refreshed"]);
  });
});
