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

/** A part came with other than its agreed number of bytes: nothing of it was stored. */
export class PartSizeError extends Error {
  constructor(readonly sizeBytes: number) {
    super(`The part has other than ${sizeBytes} bytes.`);
    this.name = "PartSizeError";
  }
}

/** An upload cannot be completed: these parts are not there. */
export class PartsMissingError extends Error {
  constructor(readonly numbers: readonly number[]) {
    super(`The upload lacks parts: ${numbers.join(", ")}.`);
    this.name = "PartsMissingError";
  }
}
