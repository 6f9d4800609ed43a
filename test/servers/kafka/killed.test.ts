import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sellUntilKilled } from "../../mixins/channels/sell-until-killed";
import { openShop, type OpenShop } from "../../mixins/channels/shop";
import { eventually } from "../../mixins/channels/use-shop";
import { type FreshDatabase, freshDatabase } from "../../setup/fresh-database";
import { describeOn } from "../../setup/servers";
import { kafkaEnv } from "./kafka-env";

/** Until the group misses the member that died. */
const SESSION_MS = 10_000;

describeOn(["KAFKA_BROKERS"], "a consumer that was killed", () => {
  let database: FreshDatabase;
  let dataDir: string;
  let open: OpenShop | undefined;

  beforeAll(async () => {
    database = await freshDatabase();
    dataDir = await mkdtemp(join(tmpdir(), "emulsion-killed-"));
  });

  afterAll(async () => {
    await open?.broker.stop();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it("between an effect and its commit is given the event once more, and then the others in their order", async () => {
    const env = kafkaEnv();
    const place = "channels.effect-done";
    expect(await sellUntilKilled({ home: "postgres", url: database.url, dataDir, place, env })).toBe("SIGKILL");
    expect(await readFile(join(dataDir, "seen"), "utf8")).toBe("1\n");

    const got: number[] = [];
    const handlers = { stock: ({ data }: { data: { n: number } }) => void got.push(data.n) };
    open = await openShop({ home: "postgres", databaseUrl: database.url, dataDir, handlers, env });
    await eventually(() => new Set(got).size === 5, 3 * SESSION_MS);
    // Its relay died too, and may not have noted what it had sent.
    expect([...new Set(got)]).toEqual([1, 2, 3, 4, 5]);
  });
});
