import type { Route } from "./route";
import { authRoutes } from "./routes/auth.routes";
import { discoveryRoutes } from "./routes/discovery.routes";
import { feedRoutes } from "./routes/feed.routes";
import { graphRoutes } from "./routes/graph.routes";
import { mediaRoutes } from "./routes/media.routes";
import { postsRoutes } from "./routes/posts.routes";
import { usersRoutes } from "./routes/users.routes";

export const prefix = "/api/v1";

/** All that takes and answers JSON. Streams (uploads, media bytes) and pages (docs, probes) have files of their own. */
export const routes: readonly Route[] = [
  ...authRoutes,
  ...usersRoutes,
  ...mediaRoutes,
  ...postsRoutes,
  ...graphRoutes,
  ...feedRoutes,
  ...discoveryRoutes,
];
