import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const at = (path: string) => resolve(import.meta.dirname, path);
const { API_URL = "http://localhost:3001", DATA_FOLDER = at("../.data") } = process.env;
const cacheDir = resolve(DATA_FOLDER, "vite");

export default defineConfig({
  root: import.meta.dirname,
  cacheDir,
  plugins: [react()],
  // The service worker reads the list of the files.
  build: { outDir: resolve(DATA_FOLDER, "dist"), emptyOutDir: true, manifest: "assets.json" },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { "/api": API_URL },
    // Not the whole repository: its .dev.vars has secrets.
    fs: { allow: [cacheDir, ...[".", "../shared", "../../../packages/realtime/dist"].map(at)] },
  },
});
