/** Changes of a row, field by field: what a client sends, what an API makes of it, what happens on a conflict. */

export { applied, type Decision, decide, type Row } from "./patch/decide.ts";
export { compareOrder, orderBetween } from "./patch/order.ts";
export { type Patch, patchOf, readPatch, type SetChange, setChange } from "./patch/patch.ts";
export {
  ask,
  lww,
  type Merge,
  order,
  type Policies,
  type Policy,
  set,
  text3,
} from "./patch/policies.ts";
export {
  type ConflictBody,
  type FieldConflict,
  type Rebased,
  rebase,
  rebaseBy,
} from "./patch/rebase.ts";
