/** The server's address: this page is at its root, or below the server's path. */
export const SERVER = new URL(".", location.href);
