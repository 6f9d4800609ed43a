export class ObjectMissingError extends Error {
  constructor(readonly key: string) {
    super(`There is no object ${key}.`);
    this.name = "ObjectMissingError";
  }
}

/** More bytes came than the caller allowed: nothing was stored. */
export class TooLargeError extends Error {
  constructor(readonly maxBytes: number) {
    super(`The object is larger than ${maxBytes} bytes.`);
    this.name = "TooLargeError";
  }
}
