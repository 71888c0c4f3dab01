/** The address of the console in development. */

/**
 * In a terminal it carries the secret in its fragment, which browsers do not send; the page reads it from there. Output
 * to a pipe or a file does not contain the secret.
 * @param {string} url
 * @param {string | undefined} secret
 * @param {boolean} isTerminal
 */
export function consoleLink(url, secret, isTerminal) {
  return isTerminal && secret ? `${url}/#secret=${encodeURIComponent(secret)}` : `${url}/`;
}
