/** The file itself is at fault: trying again will not help. The message is a reason for people, shown with status `failed`. */
export class UnprocessableMediaError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "UnprocessableMediaError";
  }
}
