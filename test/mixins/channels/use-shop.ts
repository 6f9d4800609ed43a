import type { Service } from "moleculer";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Channels } from "../../../mixins/channels";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";
import { openShop, type Handler, type Home, type OpenShop } from "./shop";

const quiet: Handler = () => undefined;
const SETTLE_MS = 20_000;

/** A shop with two groups for the tests of one block, and what they get. */
export class ShopScene {
  readonly handlers: Record<string, Handler> = { stock: quiet, mail: quiet };
  open!: OpenShop;
  private database!: FreshDatabase;
  private chosenEnv!: Record<string, string>;
  private dataDir!: string;

  constructor(
    private readonly home: Home,
    private readonly env: () => Record<string, string>,
  ) {}

  async start(): Promise<void> {
    this.database = await freshDatabase();
    this.chosenEnv = this.env();
    this.dataDir = await mkdtemp(join(tmpdir(), "emulsion-channels-"));
    this.open = await this.openNode("node-1", this.handlers);
    await this.settled();
  }

  async stop(): Promise<void> {
    await this.open.broker.stop();
    await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** One more node with the same services on the same stores. */
  openNode(nodeID: string, handlers: Record<string, Handler>): Promise<OpenShop> {
    const { home, dataDir, chosenEnv: env } = this;
    return openShop({ home, databaseUrl: this.database.url, dataDir, handlers, nodeID, env });
  }

  async beginTest(): Promise<void> {
    Object.assign(this.handlers, { stock: quiet, mail: quiet });
    await this.settled();
    this.open.sent.length = 0;
  }

  /** What a group gets from now on, by order. */
  listen(group: string): Map<string, number[]> {
    const got = new Map<string, number[]>();
    this.handlers[group] = ({ data }) => {
      got.set(data.order_id, [...(got.get(data.order_id) ?? []), data.n]);
    };
    return got;
  }

  /** Until every event has been handled. */
  async settled(timeoutMs = SETTLE_MS): Promise<void> {
    await this.open.shop.drainOutbox();
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) {
      const { unsent } = await this.open.shop.outboxState();
      if (unsent === 0 && (await this.waiting()) === 0) return;
    }
    throw new Error("Events are still waiting to be handled.");
  }

  /** Events that left the outbox and that some group has still to handle. */
  async waiting(): Promise<number> {
    const groups = this.open.broker.services.filter(({ name }) => name in this.handlers) as (Service & Channels)[];
    const backlogs = await Promise.all(groups.map((group) => group.backlog()));
    return backlogs.reduce((sum, { waiting }) => sum + waiting, 0);
  }
}

export async function eventually(isSo: () => boolean | Promise<boolean>, timeoutMs = 5_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline && !(await isSo());) await sleep(10);
  expect(await isSo()).toBe(true);
}

export function useShop(home: Home, env: () => Record<string, string> = () => ({})): ShopScene {
  const scene = new ShopScene(home, env);
  beforeAll(() => scene.start());
  beforeEach(() => scene.beginTest());
  afterAll(() => scene.stop());
  return scene;
}
