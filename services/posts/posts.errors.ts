import { DomainError } from "../../lib/errors";

/** Also for a post that the viewer may not know of. */
export class PostNotFoundError extends DomainError {
  static override readonly code = 404;
  static override readonly type = "POST_NOT_FOUND";
  constructor() {
    super("There is no such post.");
  }
}

export class CommentNotFoundError extends DomainError {
  static override readonly code = 404;
  static override readonly type = "COMMENT_NOT_FOUND";
  constructor() {
    super("There is no such comment.");
  }
}

export class CommentsDisabledError extends DomainError {
  static override readonly code = 403;
  static override readonly type = "COMMENTS_DISABLED";
  constructor() {
    super("The author of this post takes no comments on it.");
  }
}

export class NestedReplyError extends DomainError {
  static override readonly code = 422;
  static override readonly type = "NESTED_REPLY";
  constructor() {
    super("An answer cannot be answered: name the comment that it answers as the parent.");
  }
}
