/** The console: clients side by side, and a form to broadcast to them. */

import { type KeptClient, takeSecret } from "./address.ts";
import { type Again, BroadcastForm } from "./broadcast-form.ts";
import { Clock } from "./clock.ts";
import { ConnectForm } from "./connect-form.ts";
import type { Identity } from "./connection.ts";
import { DeliveryView } from "./delivery-view.ts";
import { button, byId, h } from "./dom.ts";
import { envelopeIn } from "./encrypted.ts";
import { look, watchHealth } from "./health.ts";
import { showHealth } from "./health-view.ts";
import { memberText } from "./json.ts";
import type { RememberedClient } from "./memory.ts";
import { Pane, type Surroundings } from "./pane.ts";
import { RoomView } from "./room-view.ts";
import { SecretField } from "./secret-field.ts";
import { Session } from "./session.ts";
import { Timeline } from "./timeline.ts";
import { TimelineView } from "./timeline-view.ts";
import { TokenMaker } from "./token-maker.ts";
import { Views } from "./views.ts";

const linkSecret = takeSecret();
const before = Session.restore();
const panes = new Set<Pane>();
const timeline = new Timeline();
const secret = new SecretField();
const broadcast = new BroadcastForm(secret, new DeliveryView(timeline, columns));
const maker = new TokenMaker((token) => {
  views.show("Clients");
  form.connectWith(token);
});
const form = new ConnectForm(maker, (identity) => {
  const pane = addClient(identity);
  views.show("Clients");
  pane.element.scrollIntoView({ block: "nearest" });
});
const timelineView = new TimelineView(timeline, columns);
const roomView = new RoomView(secret);
const views = new Views(
  [
    { name: "Clients", element: byId("clients-view") },
    { name: "Timeline", element: timelineView.element, onShow: () => timelineView.draw() },
    { name: "Who is here", element: roomView.element, onShow: suggestRoom },
    { name: "Tokens", element: maker.element },
  ],
  () => session.touch(),
);
const session = new Session({
  kept: () => ({
    clients: [...panes].map(({ kept }) => kept),
    fields: {
      ...form.fields,
      ...broadcast.fields,
      ...(views.isFirst ? {} : { view: views.current }),
    },
  }),
  memory: () =>
    secret.isRemembered
      ? { secret: secret.value, clients: [...panes].map(({ remembered }) => remembered) }
      : undefined,
});
const around: Surroundings = {
  clock: new Clock(),
  timeline,
  maker,
  onRemove: removeClient,
  onChange: clientChanged,
  onFrame: (text, { type, payload }) => {
    if (!envelopeIn(payload)) broadcast.see(type, memberText(text, "payload") ?? "{}");
  },
  onManage: (projectId) => {
    views.show("Who is here");
    roomView.open(projectId);
  },
  onAgain: (again: Again, isSent) => {
    broadcast.again(again, isSent);
    broadcast.element.scrollIntoView({ block: "nearest" });
  },
};

function addClient(identity: Identity, was?: RememberedClient): Pane {
  const pane = new Pane(identity, around, was);
  panes.add(pane);
  byId("clients").append(pane.element);
  broadcast.suggestProject(identity.projectId);
  pane.begin(was?.state);
  peopleChanged();
  return pane;
}

/** The address does not keep tokens: a client that had one waits for a new one. */
function restoreClient({ hadToken, ...user }: KeptClient): void {
  const pane = new Pane({ ...user, token: "" }, around);
  panes.add(pane);
  byId("clients").append(pane.element);
  pane.begin(hadToken ? "waiting" : "open");
}

function removeClient(pane: Pane): void {
  panes.delete(pane);
  // The button with the focus is gone.
  byId("clients").focus();
  peopleChanged();
}

function clientChanged({ state }: Pane): void {
  if (state.name === "ended") void look();
  peopleChanged();
  showTrouble();
}

/** Updates the suggestions of the fields, and whether there is anything to see yet. */
function peopleChanged(): void {
  byId("empty").hidden = panes.size > 0;
  const all = [...panes];
  suggest(
    "projects",
    all.map(({ connection }) => connection.identity.projectId),
  );
  suggest(
    "users",
    all.flatMap(({ roster }) => [...roster.people.keys()]),
  );
  roomView.peopleChanged();
  timelineView.draw();
  session.touch();
}

/** On a phone, a client whose connection has ended is often off the screen. */
function showTrouble(): void {
  const ended = [...panes].filter(({ state }) => state.name === "ended");
  const link = byId("to-clients");
  link.textContent = ended.length === 0 ? "Clients" : `Clients (${ended.length} ended)`;
  link.dataset.tone = ended.length === 0 ? "" : "bad";
}

function suggest(list: string, values: string[]): void {
  byId(list).replaceChildren(...[...new Set(values)].map((value) => h("option", { value })));
}

function suggestRoom(): void {
  const [first] = panes;
  if (roomView.project === "") roomView.project = first?.connection.identity.projectId ?? "demo";
}

function columns() {
  return [...panes].map(({ number, name, isOpen, connection }) => {
    const { projectId } = connection.identity;
    return { number, name, isOpen, projectId };
  });
}

/** The fragment holds the state of the page, so its own links must not change it. */
function jump(link: HTMLElement, target: string): void {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (target === "clients") views.show("Clients");
    byId(target).scrollIntoView();
    byId(target).focus({ preventScroll: true });
  });
}

function start(): void {
  byId("connect").append(form.element);
  byId("broadcast").append(broadcast.element);
  byId("views").append(views.element);
  byId("other-views").append(timelineView.element, roomView.element, maker.element);
  byId("start").append(
    button("Connect Ann and Ben", () => form.connectSuggested(2), { class: "main" }),
  );
  jump(byId("to-clients"), "clients");
  jump(byId("to-broadcast"), "broadcast");
  broadcast.element.addEventListener("input", () => session.touchSoon());
  form.element.addEventListener("input", () => session.touchSoon());
  addEventListener("hashchange", useLink);
  watchHealth((health) => showHealth(byId("health"), byId("problems"), health));
  restore();
}

function restore(): void {
  const { kept, memory } = before;
  form.fields = kept.fields;
  broadcast.fields = kept.fields;
  secret.isRemembered = memory !== undefined;
  secret.value = linkSecret || (memory?.secret ?? "");
  if (memory) for (const client of memory.clients) addClient(client.identity, client);
  else for (const client of kept.clients) restoreClient(client);
  form.skip([...panes].map(({ name }) => name));
  if (kept.fields.view !== undefined) views.show(kept.fields.view);
  peopleChanged();
}

/** The terminal's link was followed in a tab that already has the page. */
function useLink(): void {
  const given = takeSecret();
  if (given !== "") secret.value = given;
  session.touch();
}

start();
