/** Who a message is from, as keys are derived from it. */

/** A client, as the server knows it. Undefined if it does not say. */
export function senderOf(
  client: { readonly userId: string | null; readonly connectionId: string } | undefined,
): string | undefined {
  if (!client) return undefined;
  // An empty id is no id: such a client is anonymous.
  return client.userId ? `u:${client.userId}` : `c:${client.connectionId}`;
}
