/** The console: clients side by side, and a form to broadcast to them. */

import { BroadcastForm } from "./broadcast-form.ts";
import { ConnectForm } from "./connect-form.ts";
import type { Identity } from "./connection.ts";
import { button, byId, h } from "./dom.ts";
import { showHealth } from "./health.ts";
import { Pane } from "./pane.ts";
import { SecretField } from "./secret-field.ts";

const panes = new Set<Pane>();
const form = new ConnectForm(addClient);
const broadcast = new BroadcastForm(new SecretField());
const start = button("Connect Ann and Ben", () => form.connectSuggested(2), { class: "main" });

function addClient(identity: Identity): void {
  const pane = new Pane({ identity, onRemove: removeClient, onPeople: showSuggestions });
  panes.add(pane);
  byId("clients").append(pane.element);
  broadcast.suggestProject(identity.projectId);
  showSuggestions();
}

function removeClient(pane: Pane): void {
  panes.delete(pane);
  // The button that had the focus is gone.
  byId("clients").focus();
  showSuggestions();
}

/** What the fields offer to choose from, and whether there is nothing to see yet. */
function showSuggestions(): void {
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
}

function suggest(list: string, values: string[]): void {
  byId(list).replaceChildren(...[...new Set(values)].map((value) => h("option", { value })));
}

byId("connect").append(form.element);
byId("broadcast").append(broadcast.element);
byId("start").append(start);
await showHealth(byId("health"), byId("problems"));
