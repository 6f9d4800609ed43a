/** Wakes one waiter; a call that comes while nobody waits is not lost. */
export class Signal {
  private isRaised = false;
  private resume: (() => void) | undefined;

  raise(): void {
    this.isRaised = true;
    this.resume?.();
  }

  /** Until the signal is raised, or was since the last wait, and no longer than this. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.isRaised) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.resume = undefined;
    }
    this.isRaised = false;
  }
}
