/** Who is online, with coloured initials. Pictures would mean requests to other servers. */

import type { OnlineUser } from "../../packages/realtime/src/server-frames.ts";
import { h } from "./dom.ts";
import { hueOf, initialsOf, type Roster } from "./roster.ts";

export function avatarOf(person: Pick<OnlineUser, "userId" | "userName">): HTMLElement {
  const hue = String(hueOf(person.userId));
  return h("span", { class: "avatar", "data-hue": hue, "aria-hidden": "true" }, initialsOf(person));
}

export function showPeople(list: HTMLElement, { people, active }: Roster, self: string): void {
  const items = [...people.values()].map((person) => personItem(person, person.userId === self));
  const more = active - people.size;
  if (more > 0) items.push(h("li", { class: "more" }, `and ${more} more`));
  if (items.length === 0) items.push(h("li", { class: "more" }, "nobody"));
  list.replaceChildren(...items);
}

function personItem(person: OnlineUser, isSelf: boolean): HTMLElement {
  const { userId, userName, verified } = person;
  const item = h(
    "li",
    { title: userId, "data-user": userId },
    avatarOf(person),
    h("bdi", { class: "name" }, userName ?? userId),
  );
  if (isSelf) item.append(h("span", { class: "hint" }, " this client"));
  if (verified) item.append(verifiedMark());
  return item;
}

export function verifiedMark(): HTMLElement {
  const mark = { class: "verified", role: "img", "aria-label": "verified by a token" };
  return h("span", { ...mark, title: "A token says who this is" }, "✓");
}
