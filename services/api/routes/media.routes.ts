import { type Route, toAction } from "../route";

/** What takes a stream has files of its own: `POST /media` take-upload.ts, `PUT /media/{media_id}/parts/{part_number}` take-part.ts. */
export const mediaRoutes: Route[] = [
  toAction("media", "POST /media/presign", "media.presign", { status: 201 }),
  toAction("media", "GET /media/{media_id}/parts", "media.getParts"),
  toAction("media", "POST /media/{media_id}/complete", "media.complete"),
  toAction("media", "GET /media/{media_id}", "media.get"),
  toAction("media", "PATCH /media/{media_id}", "media.update"),
  toAction("media", "DELETE /media/{media_id}", "media.delete"),
];
