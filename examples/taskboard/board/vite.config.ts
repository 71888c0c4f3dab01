import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const at = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: at("../.data/vite"),
  plugins: [react()],
  build: { outDir: at("../.data/dist"), emptyOutDir: true },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { "/api": process.env.API_URL ?? "http://localhost:3001" },
    // Not the whole repository: its .dev.vars has secrets.
    fs: { allow: [".", "../shared", "../.data/vite", "../../../packages/realtime/dist"].map(at) },
  },
});
