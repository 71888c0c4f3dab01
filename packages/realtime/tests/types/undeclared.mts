/** An event that nobody has declared. What the compiler says of it is tested. */

import { broadcastToProject } from "@validiant/realtime/server";

broadcastToProject("p1", "COMMENT_EDITED", { commentId: "c1" });
