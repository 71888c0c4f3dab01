/** Where the server is: this page stands at its root, or below the path that the server has. */
export const SERVER = new URL(".", location.href);
