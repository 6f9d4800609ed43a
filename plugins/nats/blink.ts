/** A while in which something may come back. */
export class Blink {
  /** True when it came back in time. */
  readonly isOver: Promise<boolean>;
  end!: (isBack: boolean) => void;

  constructor(longestMs: number, whenTooLong: () => void) {
    this.isOver = new Promise((resolve) => {
      const timer = setTimeout(() => {
        whenTooLong();
        resolve(false);
      }, longestMs).unref();
      this.end = (isBack) => {
        clearTimeout(timer);
        resolve(isBack);
      };
    });
  }
}
