interface Waiting {
  topic: string;
  data: Buffer;
  reply: string | undefined;
  resolve: () => void;
  reject: (error: unknown) => void;
}

type Publish = (topic: string, data: Buffer, reply: string | undefined) => void;

/** What one turn of the event loop comes to send, sent together: one costs as much as all of them, here and at NATS. */
export class SendsOfTurn {
  private readonly waiting: Waiting[] = [];

  constructor(private readonly publish: Publish) {}

  /** Rejects where NATS does not take it. */
  add(topic: string, data: Buffer, reply?: string): Promise<void> {
    if (this.waiting.length === 0) setImmediate(() => this.flush());
    return new Promise((resolve, reject) => this.waiting.push({ topic, data, reply, resolve, reject }));
  }

  /** Now, before something that must not come first. */
  flush(): void {
    for (const { topic, data, reply, resolve, reject } of this.waiting.splice(0)) {
      try {
        this.publish(topic, data, reply);
        resolve();
      } catch (error) {
        reject(error);
      }
    }
  }
}
