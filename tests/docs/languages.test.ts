/** The samples in docs/backends.md that encrypt in Python and in Go: as the test vectors say, and as the server takes it. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";
import { readEnvelope } from "../../packages/realtime/src/encryption/envelope.ts";
import { epochKeys } from "../../packages/realtime/src/encryption.ts";
import { createRooms } from "../../packages/realtime/src/server.ts";
import { VECTORS } from "../../packages/realtime/tests/encryption/vectors.ts";
import { ROOT } from "../../scripts/common/paths.ts";
import { GO, GO_ENV, PYTHON } from "../../scripts/setup/languages.ts";
import { Readme } from "../support/readme.ts";
import { NEEDS_OWN_RUNTIME, SECRET, startOwnServer } from "../support/target.ts";

const run = promisify(execFile);
const RUN_MS = 60_000;

const found = VECTORS.find(({ name }) => name === "an event of a backend");
assert.ok(found);
const vector = found;
const { i: id, d: payload } = JSON.parse(vector.text ?? "");
/** What the vector has by chance, by the number of its bytes. */
const CHANCE = { 12: vector.nonce, 16: Buffer.from(id, "base64url").toString("hex") };

/** Prints the envelope of the vector. What is random comes from the vector. */
const PYTHON_VECTOR = `
import json, os, sys
given = json.loads(sys.argv[1])
os.urandom = lambda length: bytes.fromhex(given["chance"][str(length)])
from encrypted import encrypt
print(json.dumps(encrypt(given["epoch"], bytes.fromhex(given["key"]), given["project"], given["type"],
                         given["payload"]), separators=(",", ":")))
`;

const GO_VECTOR = `
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"
)

type chance map[string]string

func (given chance) Read(into []byte) (int, error) {
	bytes, err := hex.DecodeString(given[strconv.Itoa(len(into))])
	return copy(into, bytes), err
}

var _ io.Reader = chance{}

func TestVector(t *testing.T) {
	var given struct {
		Chance        chance
		Epoch         uint64
		Key           string
		Project, Type string
		Payload       json.RawMessage
	}
	if err := json.Unmarshal([]byte(os.Getenv("GIVEN")), &given); err != nil {
		t.Fatal(err)
	}
	rand.Reader = given.Chance
	key, _ := hex.DecodeString(given.Key)
	envelope, err := encrypt(given.Epoch, key, given.Project, given.Type, given.Payload)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(envelope)
	fmt.Println(string(text))
}
`;

const GIVEN = JSON.stringify({
  chance: CHANCE,
  epoch: vector.epoch,
  key: vector.epochKey,
  project: vector.projectId,
  type: vector.type,
  payload,
});

describe("an event that is encrypted", { skip: NEEDS_OWN_RUNTIME }, async () => {
  const { server } = await startOwnServer();
  const page = await Readme.read(join("docs", "backends.md"), server);
  const folder = await mkdtemp(join(tmpdir(), "validiant-languages-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const samples = {
    "publish.py": page.code("Python", 1)[0],
    "encrypted.py": page.code("Encrypted, in Python", 1)[0],
    "vector.py": PYTHON_VECTOR,
    "encrypted.go": page.code("Encrypted, in Go", 1)[0],
    "vector_test.go": GO_VECTOR,
  };
  for (const [name, code] of Object.entries(samples))
    await writeFile(join(folder, name), code ?? "");

  async function start(program: string, args: string[], env: Record<string, string>) {
    const options = { cwd: folder, timeout: RUN_MS, env: { ...process.env, ...GO_ENV, ...env } };
    return (await run(program, args, options)).stdout;
  }

  const languages = {
    Python: {
      sample: () => start(PYTHON, ["encrypted.py"], backend(7)),
      stale: () => start(PYTHON, ["encrypted.py"], backend(6)),
      vector: () => start(PYTHON, ["vector.py", GIVEN], {}),
    },
    Go: {
      sample: () => start(GO, ["run", "encrypted.go"], backend(7)),
      stale: () => start(GO, ["run", "encrypted.go"], backend(6)),
      vector: () =>
        start(GO, ["test", "-v", "-vet=off", "encrypted.go", "vector_test.go"], { GIVEN }),
    },
  };

  function backend(epoch: number) {
    const EPOCH_KEY = Buffer.from(vector.epochKey, "hex").toString("base64");
    const place = { REALTIME_URL: server.url, BROADCAST_SECRET: SECRET, NO_PROXY: "127.0.0.1" };
    return { ...place, EPOCH: `${epoch}`, EPOCH_KEY };
  }

  /** Reads what arrives as the package does. */
  function open(envelope: unknown): Promise<Uint8Array> {
    const key = new Uint8Array(Buffer.from(vector.epochKey, "hex"));
    const keys = epochKeys({ get: async () => key, current: async () => ({ epoch: 7, key }) });
    const sealed = readEnvelope(envelope);
    assert.ok(sealed?.by);
    const context = { kind: "event", projectId: "demo", type: "TASK_UPDATED" } as const;
    return keys.sealer.open({ ...context, sender: sealed.by }, sealed);
  }

  test("is in the test vectors as Python makes it from the page alone", async () => {
    const [script, vectors] = ["encryption-vectors.py", "encryption-vectors.json"];
    await copyFile(join(ROOT, "docs", script), join(folder, script));
    await start(PYTHON, [script], {});
    const [made, kept] = [join(folder, vectors), join(ROOT, "docs", vectors)];
    assert.equal(await readFile(made, "utf8"), await readFile(kept, "utf8"));
  });

  for (const [name, { sample, stale, vector: ofVector }] of Object.entries(languages)) {
    test(`in ${name} is, byte for byte, that of the test vector`, async () => {
      const printed = (await ofVector()).split("\n").map((line) => line.trim());
      assert.equal(
        printed.find((line) => line.startsWith("{")),
        vector.envelope,
      );
    });

    test(`in ${name} is taken by a room with a floor, and decrypted by the package (P14.4)`, async () => {
      const room = server.room("demo");
      const [ann, ben] = [await room.user("ann"), await room.user("ben")];
      await createRooms({ url: server.url, secret: SECRET }).raiseKeyEpoch("demo", 7);
      await sample();
      const event = await ben.next("TASK_UPDATED");
      const { d } = JSON.parse(Buffer.from(await open(event.payload)).toString());
      assert.deepEqual(d, { taskId: "t1" });
      await assert.rejects(stale(), /409/);
      for (const client of [ann, ben]) await client.leave();
    });
  }
});
