type Json = Record<string, unknown>;

export const errorAnswer = {
  description: "An error.",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
};

/** What takes or gives bytes, or stays open, instead of answering with JSON. */
export function streamPaths(): Record<string, Json> {
  const binary = { schema: { type: "string", contentMediaType: "application/octet-stream" } };
  const bytes = {
    tags: ["media"],
    security: [],
    responses: {
      "200": { description: "The bytes.", content: { "image/*": binary, "video/mp4": binary } },
      "206": { description: "The range that was asked for.", content: { "image/*": binary, "video/mp4": binary } },
      "304": { description: "As the client has it." },
      default: errorAnswer,
    },
  };
  const text = (name: string, place: string, required = true) => ({
    name,
    in: place,
    required,
    schema: { type: "string" },
  });
  const resume = [
    {
      ...text("ticket", "query", false),
      description: "From POST feed/stream/ticket, in place of an Authorization header.",
    },
    {
      ...text("last_event_id", "query", false),
      description: "The last id that the client has: what came since follows.",
    },
  ];
  return {
    "/api/v1/media": {
      post: {
        operationId: "postMedia",
        tags: ["media"],
        summary: "Uploads an image or a video: as the part `file` of a form, or as the body itself.",
        requestBody: {
          required: true,
          content: {
            "multipart/form-data": {
              schema: {
                type: "object",
                required: ["file"],
                properties: {
                  file: { type: "string", contentMediaType: "application/octet-stream" },
                  alt_text: { type: "string", maxLength: 1000 },
                },
              },
            },
            "image/*": binary,
            "video/*": binary,
          },
        },
        responses: {
          "201": {
            description: "Taken; its renditions are being made.",
            content: { "application/json": { schema: { $ref: "#/components/schemas/Media" } } },
          },
          default: errorAnswer,
        },
      },
    },
    "/api/v1/feed/stream": {
      get: {
        operationId: "getFeedStream",
        tags: ["newsfeed"],
        summary:
          "The viewer's feed as it changes, as server-sent events: `ready`, `entry` (a post), `counts`, `removed`, and `end` with a reason.",
        parameters: [
          ...resume,
          { ...text("Last-Event-ID", "header", false), description: "As `last_event_id`; newer." },
        ],
        responses: {
          "200": {
            description: "The stream. The `id` of an event is where its reader stands.",
            content: { "text/event-stream": { schema: { type: "string" } } },
          },
          default: errorAnswer,
        },
      },
    },
    "/api/v1/feed/socket": {
      get: {
        operationId: "getFeedSocket",
        tags: ["newsfeed"],
        summary:
          "The same over a WebSocket: each message is a JSON text `{ event, id, data }`. Closed with 1001 (the gateway stops), 4001 (the token expired) or 4003 (the session ended).",
        parameters: resume,
        responses: { "101": { description: "The socket is open." }, default: errorAnswer },
      },
    },
    "/media/{media_id}/parts/{part_number}": {
      put: {
        tags: ["media"],
        security: [],
        operationId: "putPart",
        summary: "Takes one part of an upload, at the URL that presign gave.",
        parameters: [
          text("media_id", "path"),
          text("part_number", "path"),
          text("expires", "query"),
          text("signature", "query"),
        ],
        requestBody: { required: true, content: { "application/octet-stream": binary } },
        responses: { "200": { description: "Stored." }, default: errorAnswer },
      },
    },
    "/media/{media_id}/{secret}/{name}": {
      get: {
        ...bytes,
        operationId: "getPublicBytes",
        summary: "Bytes of a public account's media.",
        parameters: [text("media_id", "path"), text("secret", "path"), text("name", "path")],
      },
    },
    "/media/{media_id}/{name}": {
      get: {
        ...bytes,
        operationId: "getSignedBytes",
        summary: "Bytes by a signed URL.",
        parameters: [
          text("media_id", "path"),
          text("name", "path"),
          text("expires", "query"),
          text("signature", "query"),
        ],
      },
    },
  };
}
