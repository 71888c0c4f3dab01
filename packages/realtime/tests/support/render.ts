/** Renders components, and counts how often. */

import "./dom.ts";
import { afterEach } from "node:test";
import { act, createElement, Fragment, type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { RealtimeOptions } from "../../src/index.ts";
import { useProjectRealtime } from "../../src/react.ts";
import { FakeSocket, pass, socket } from "./fake-socket.ts";

export interface Rendered {
  /** Renders this instead. */
  show(node: ReactNode): Promise<void>;
  unmount(): Promise<void>;
}

const roots: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const unmount of roots.splice(0)) await unmount();
  await lingered();
});

/** Lets connections end that no component wants any more. */
export const lingered = () => inAct(() => pass(1_500));

/** Renders this, and lets its effects run. */
export async function render(node: ReactNode): Promise<Rendered> {
  const root = createRoot(document.createElement("div"));
  const show = (next: ReactNode) => inAct(() => root.render(next));
  const unmount = () => inAct(() => root.unmount());
  roots.push(unmount);
  await show(node);
  return { show, unmount };
}

export const strictly = (node: ReactNode) => createElement(StrictMode, null, node);
export const both = (...nodes: ReactNode[]) => createElement(Fragment, null, ...nodes);

/** To a fake socket, as this user. */
export const options = (id = "ann"): RealtimeOptions => ({
  host: "example.com",
  user: { id },
  WebSocket: FakeSocket,
});

/** A component that has a project open, and shows nothing of it. */
export const opener = (projectId: string) =>
  createElement(Opener, { key: `opens ${projectId}`, projectId });

function Opener({ projectId }: { projectId: string }): null {
  useProjectRealtime(projectId, options());
  return null;
}

/** Does something, and lets React and all that is due deal with it. */
export async function inAct(work: () => unknown): Promise<void> {
  await act(async () => void (await work()));
  // React runs effects when `act` ends.
  await act(() => pass(1));
}

/** The newest socket takes its client in. */
export async function accept(payload?: Record<string, unknown>): Promise<FakeSocket> {
  const newest = await socket();
  await inAct(() => newest.accepts(payload));
  return newest;
}

interface Seen<R> {
  renders: number;
  result: R | undefined;
}

interface ProbeProps<A extends unknown[], R> {
  useHook: (...args: A) => R;
  args: A;
  seen: Seen<R>;
}

function Probe<A extends unknown[], R>({ useHook, args, seen }: ProbeProps<A, R>): null {
  seen.result = useHook(...args);
  seen.renders += 1;
  return null;
}

let probes = 0;

/** Components that run a hook, with what it answered last and how often it was rendered. */
export function probe<A extends unknown[], R>(useHook: (...args: A) => R) {
  const seen: Seen<R> = { renders: 0, result: undefined };
  // React must not take one for another.
  probes += 1;
  const key = probes;
  return { seen, with: (...args: A) => createElement(Probe<A, R>, { key, useHook, args, seen }) };
}
