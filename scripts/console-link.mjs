/** The address of the console in development. */

/**
 * In a terminal it carries the secret in its fragment, which no browser sends: the page takes it from there. What a
 * pipe or a file gets to keep has none.
 * @param {string} url
 * @param {string | undefined} secret
 * @param {boolean} isTerminal
 */
export function consoleLink(url, secret, isTerminal) {
  return isTerminal && secret ? `${url}/#secret=${encodeURIComponent(secret)}` : `${url}/`;
}
