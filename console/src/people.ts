/** Who is online, with coloured initials. Pictures would mean requests to other servers. */

import * as avatars from "../../packages/realtime/src/collaboration/avatar.ts";
import type { OnlineUser } from "../../packages/realtime/src/server-frames.ts";
import { h } from "./dom.ts";
import { readable } from "./encrypted.ts";
import type { Roster } from "./roster.ts";

export function avatarOf(person: Pick<OnlineUser, "userId" | "userName">): HTMLElement {
  const { hue, initials } = avatars.avatarOf(person);
  const avatar = h("span", { class: "avatar", "aria-hidden": "true" }, initials);
  avatar.style.setProperty("--hue", String(hue));
  return avatar;
}

export function showPeople(list: HTMLElement, { people, active }: Roster, self: string): void {
  const items = [...people.values()].map((person) => personItem(person, person.userId === self));
  const more = active - people.size;
  if (more > 0) items.push(h("li", { class: "more" }, `and ${more} more`));
  if (items.length === 0) items.push(h("li", { class: "more" }, "nobody"));
  list.replaceChildren(...items);
}

function personItem(person: OnlineUser, isSelf: boolean): HTMLElement {
  const { userId, userName, verified, data = [], leavesAt } = person;
  const item = h(
    "li",
    { title: userId, "data-user": userId },
    avatarOf(person),
    h("bdi", { class: "name" }, userName ?? userId),
  );
  if (isSelf) item.append(h("span", { class: "hint" }, " this client"));
  if (verified) item.append(verifiedMark());
  if (leavesAt !== undefined) item.append(h("span", { class: "hint" }, " connection lost"));
  for (const { connectionId, data: said } of data) item.append(saidBy(connectionId, said));
  return item;
}

/** What one of the user's connections says of itself. */
function saidBy(connectionId: string, said: object | null): HTMLElement {
  return h("code", { class: "said", title: `connection ${connectionId}` }, readable(said));
}

export function verifiedMark(): HTMLElement {
  const mark = { class: "verified", role: "img", "aria-label": "verified by a token" };
  return h("span", { ...mark, title: "A token says who this is" }, "✓");
}
