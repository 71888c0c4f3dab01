/** What the READMEs' code takes from the app around it. */

declare function toast(text: string): void;
declare function refetchTask(taskId: string): void;
declare function refetchEverything(): void;
declare function fetchToken(): Promise<string>;
declare function handle(type: string, payload: unknown): void;
declare const queryClient: import("@tanstack/react-query").QueryClient;
declare function Editor(props: {
  text: import("yjs").Text;
  awareness: import("y-protocols/awareness").Awareness | undefined;
  status: string;
}): import("react").JSX.Element;
declare const log: { warn(fields: object, message: string): void };
declare const projectId: string;
declare const userId: string;
declare const userName: string;
declare const taskId: string;
declare const commentId: string;
declare const task: { id: string; status: string };

/** What the types of a Worker's bindings are, as far as the code needs them. */
interface Env {
  BROADCAST_SECRET: string;
  REALTIME: { fetch(url: string, init: RequestInit): Promise<Response> };
}
interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}
