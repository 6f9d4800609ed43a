import { type Route, toAction } from "../route";

/** `POST /media` takes a stream and has a file of its own: take-upload.ts. */
export const mediaRoutes: Route[] = [
  toAction("media", "GET /media/{media_id}", "media.get"),
  toAction("media", "PATCH /media/{media_id}", "media.update"),
  toAction("media", "DELETE /media/{media_id}", "media.delete"),
];
