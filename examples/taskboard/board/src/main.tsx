/// <reference types="vite/client" />
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { keepAnswers } from "./answers.ts";
import { readRoute } from "./route.ts";

const ASK_AGAIN_MS = 5_000;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Events tell of all changes of other windows, and a restored connection catches up on what it
      // missed.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnReconnect: false,
      // An event may have come while the API was away. Nothing else would tell of the change again.
      refetchInterval: ({ state }) =>
        state.status === "error" && state.data !== undefined && ASK_AGAIN_MS,
    },
  },
});

// In development the page changes all the time.
if (import.meta.env.PROD) void navigator.serviceWorker?.register("/sw.js").catch(console.error);
const { user } = readRoute(location.search);
if (user) await keepAnswers(queryClient, user);

const root = document.getElementById("root");
if (!root) throw new Error("The page has no root.");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
