/** Documents for a backend: read, seeded and deleted. */

import { type Delivery, deliverAndRead } from "./deliver.ts";
import { BroadcastError, DocumentError, type DocumentErrorCode } from "./error.ts";
import { problemOf, type ServerAccess, serverOf } from "./server-access.ts";

/** How to reach the server. */
export interface DocumentsOptions extends ServerAccess {
  /** How long an attempt can take, in milliseconds. Default: 10,000. */
  timeoutMs?: number | undefined;
  /** How many times a failed request is retried. Default: 3. */
  retries?: number | undefined;
}

/** Which text of a document. */
export interface AsText {
  as: "text";
  /** The name of the root type: `notes` of `doc.getText("notes")`. */
  name: string;
}

/**
 * Documents of projects. All functions throw a {@link DocumentError} when they have failed for good, and
 * can be repeated.
 */
export interface Documents {
  /** Reads a document as one update, for `Y.applyUpdate`. Undefined if there is none. */
  readDocument(projectId: string, docId: string): Promise<Uint8Array | undefined>;
  /** Reads a text of it as plain text, without Yjs: for a search column. Undefined if there is none. */
  readDocument(projectId: string, docId: string, as: AsText): Promise<string | undefined>;
  /**
   * Gives a document its first content. Returns false, and changes nothing, if it has one already: it is
   * never seeded twice, whoever tries.
   */
  seedDocument(projectId: string, docId: string, update: Uint8Array): Promise<boolean>;
  /**
   * Deletes a document and closes its connections. Returns how many those were. A client that still has
   * the document and may write would bring it back: revoke or remove first who must not.
   */
  deleteDocument(projectId: string, docId: string): Promise<number>;
}

const TIMEOUT_MS = 10_000;
const RETRIES = 3;
/** No attempt starts later than this. */
const USEFUL_MS = 30_000;
const BINARY = "application/octet-stream";

type Call = Pick<Delivery, "method" | "headers" | "body">;

/** Makes the functions for one server. */
export function createDocuments(options: DocumentsOptions): Documents {
  const call = (
    path: string,
    what: Call,
    read: (response: Response) => Promise<unknown> | undefined,
  ) => deliverAndRead(deliveryOf(options, path, what), read).catch(asDocumentError);
  return {
    async readDocument(projectId: string, docId: string, as?: AsText) {
      const query = as ? `?as=text&name=${encodeURIComponent(as.name)}` : "";
      const wanted = as ? "text/plain" : BINARY;
      const content = call(pathOf(projectId, docId) + query, { method: "GET" }, (response) => {
        if (!response.headers.get("content-type")?.startsWith(wanted)) return undefined;
        return as ? response.text() : bytesOf(response);
      });
      // biome-ignore lint/suspicious/noExplicitAny: which of the two it is, `as` says
      return (await content.catch(unless("no_document"))) as any;
    },
    async seedDocument(projectId, docId, update) {
      const headers = { "Content-Type": BINARY };
      // A copy: only that is sure not to be shared with other threads.
      const what: Call = { method: "PUT", headers, body: new Uint8Array(update) };
      const seeded = call(pathOf(projectId, docId), what, () => undefined);
      return Boolean(await seeded.catch(unless("document_exists")));
    },
    async deleteDocument(projectId, docId) {
      const path = pathOf(projectId, docId);
      const answer = await call(path, { method: "DELETE" }, () => undefined);
      return (answer as { disconnected: number }).disconnected;
    },
  };
}

function pathOf(projectId: string, docId: string): string {
  return `/parties/docs/${encodeURIComponent(projectId)}/${encodeURIComponent(docId)}`;
}

function deliveryOf(options: DocumentsOptions, path: string, what: Call): Delivery {
  const { url, secret, fetch, timeoutMs = TIMEOUT_MS, retries = RETRIES } = options;
  const problem = problemOf(options);
  if (problem) throw new DocumentError("not_set_up", problem);
  const deadline = Date.now() + USEFUL_MS;
  return {
    ...{ server: serverOf(url), secret: secret.trim(), path, ...what },
    ...{ timeoutMs, retries, deadline, fetch },
  };
}

function asDocumentError(error: unknown): never {
  if (!(error instanceof BroadcastError)) throw error;
  throw new DocumentError(error.code as DocumentErrorCode, error.message, error);
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** Undefined for an error with this code, which is an answer, too. */
function unless(code: DocumentErrorCode) {
  return (error: unknown): undefined => {
    if (!(error instanceof DocumentError && error.code === code)) throw error;
  };
}
