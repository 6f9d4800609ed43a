import { DomainError } from "../../lib/errors";

/** Also for an upload that the viewer may not know of, and for a URL that is not good any more. */
export class MediaNotFoundError extends DomainError {
  static override readonly code = 404;
  static override readonly type = "MEDIA_NOT_FOUND";
  constructor() {
    super("There is no such upload.");
  }
}

/** Neither an image nor a video that can be taken here: `message` says which can, or what is missing. */
export class UnsupportedMediaError extends DomainError {
  static override readonly code = 415;
  static override readonly type = "UNSUPPORTED_MEDIA";
  constructor(message = "This is none of the files that are taken: JPEG, PNG, WebP, GIF, AVIF, HEIC, MP4, MOV, WebM.") {
    super(message);
  }
}

export class MediaTooLargeError extends DomainError {
  static override readonly code = 413;
  static override readonly type = "MEDIA_TOO_LARGE";
  constructor(kind: "image" | "video", maxBytes: number) {
    super(`This ${kind} is too large: at most ${maxBytes} bytes are taken.`, { max_bytes: maxBytes });
  }
}

/** Waiting does not help: completing or deleting one does. */
export class TooManyUploadsError extends DomainError {
  static override readonly code = 429;
  static override readonly type = "TOO_MANY_UPLOADS";
  constructor(most: number) {
    super(`One person may have ${most} unfinished uploads. Complete or delete one first.`, { max_uploads: most });
  }
}

export class EmptyUploadError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "EMPTY_UPLOAD";
  constructor() {
    super("The upload holds no bytes.");
  }
}

export class UploadBrokenOffError extends DomainError {
  static override readonly code = 400;
  static override readonly type = "UPLOAD_BROKEN_OFF";
  constructor() {
    super("The upload was broken off before its end. Nothing of it was kept.");
  }
}

/** A part has the size that was agreed when the upload began. */
export class WrongPartSizeError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "WRONG_PART_SIZE";
  constructor(sizeBytes: number) {
    super(`This part must have ${sizeBytes} bytes, no more and no fewer. Nothing of it was kept.`, {
      size_bytes: sizeBytes,
    });
  }
}

/** The parts that are there stay: the upload can go on. */
export class UploadIncompleteError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "UPLOAD_INCOMPLETE";
  constructor(missing: readonly number[]) {
    super(`Parts of the upload are still to come: ${missing.join(", ")}.`, { missing_parts: missing });
  }
}

const reasons = {
  missing: "is no upload of yours",
  failed: "could not be processed",
  processing: "is still being processed",
  used: "is used already",
  not_image: "is not an image",
} as const;

export type UnusableReason = keyof typeof reasons;

export class MediaNotUsableError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "MEDIA_NOT_USABLE";
  constructor(media: readonly { media_id: string; reason: UnusableReason }[]) {
    super(`${media.map(({ media_id, reason }) => `${media_id} ${reasons[reason]}`).join(", ")}.`, { media });
  }
}

export class MediaInUseError extends DomainError {
  static override readonly code = 409;
  static override readonly type = "MEDIA_IN_USE";
  constructor() {
    super("This upload is shown in a post or as an avatar. Delete the post, or change the avatar, instead.");
  }
}
