/** Realtime events of a project, in any JavaScript runtime. */
export * from "./codes.js";
export { connectProject, } from "./core/project.js";
