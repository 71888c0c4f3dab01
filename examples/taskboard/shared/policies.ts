/** What becomes of a field of a task that two people have changed. The board and the API share it. */

import { lww, order, type Policies, text3 } from "@validiant/realtime/patch";

export const POLICIES = {
  title: text3,
  status: lww,
  priority: lww,
  position: order,
  assigneeId: lww,
  dueOn: lww,
} satisfies Policies;
