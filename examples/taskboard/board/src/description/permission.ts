/** Whether a token of the API allows to write texts. Only for the page's looks: the server decides. */
export function mayWriteWith(token: string): boolean {
  const claims = token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "";
  const { permissions } = JSON.parse(atob(claims));
  return Array.isArray(permissions) && permissions.includes("doc:write");
}
