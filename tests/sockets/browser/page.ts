/** A page as the product has them: connects by partysocket, shows who is here and what happens. */

import PartySocket from "partysocket";
import type { Frame } from "../../support/inbox.ts";

interface Person {
  userId: string;
  userName: string | null;
}

const query = new URLSearchParams(location.search);
const socket = new PartySocket({
  host: query.get("host") ?? location.host,
  protocol: query.get("protocol") === "wss" ? "wss" : "ws",
  party: "main",
  room: query.get("room") ?? "",
  query: { userId: "ann", userName: "Ann" },
});
const people = new Map<string, Person>();

socket.addEventListener("open", () => showStatus("live", true));
socket.addEventListener("close", () => showStatus("reconnecting", false));
socket.addEventListener("message", ({ data }) => receive(JSON.parse(data) as Frame));

function receive({ type, payload, timestamp = 0 }: Frame): void {
  if (type === "CONNECTED") {
    people.clear();
    for (const person of payload.users as Person[]) people.set(person.userId, person);
  } else if (type === "USER_JOINED") people.set(payload.userId, payload);
  else if (type === "USER_LEFT") people.delete(payload.userId);
  else showEvent(type, payload, new Date(timestamp));
  element("people").replaceChildren(
    ...[...people.values()].map(({ userId, userName }) => node("li", userName ?? userId)),
  );
}

function showEvent(type: string, payload: unknown, at: Date): void {
  const item = node("li");
  item.append(
    node("time", at.toISOString().slice(11, 19)),
    node("b", type),
    node("code", JSON.stringify(payload)),
  );
  element("events").prepend(item);
}

function showStatus(text: string, isOpen: boolean): void {
  const status = element("status");
  status.textContent = text;
  status.classList.toggle("open", isOpen);
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

function node(name: string, text = ""): HTMLElement {
  const created = document.createElement(name);
  created.textContent = text;
  return created;
}
