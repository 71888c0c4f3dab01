import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // What others change is told, and a connection that comes back tells what it missed.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnReconnect: false,
      // But nobody is told of what they did themselves, in another window.
      refetchOnWindowFocus: "always",
    },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("The page has no root.");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
