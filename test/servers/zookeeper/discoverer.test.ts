import { Loggers, type ServiceBroker } from "moleculer";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createClient, type Client, Exception } from "node-zookeeper-client";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { describeOn, serverUrl } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";
import { disconnectsSeenBy, Fleet, kill, knownTo, pause, until, untilKnown } from "./fleet";

type Lister = (path: string, done: (error: Error | null, names: string[]) => void) => void;

const sessionTimeoutMs = 1000;

describeOn(["NATS_URL", "ZOOKEEPER_URL"], "a node that discovers by ZooKeeper", () => {
  let folder: string;
  let zookeeper: RunningServer;
  let hosts: string;
  let fleet: Fleet;

  beforeAll(async () => {
    folder = await mkdtemp(join(tempRoot(), "emulsion-zookeeper-"));
    zookeeper = await startServer("zookeeper", { folder });
    hosts = zookeeper.env["ZOOKEEPER_URL"]!.replace("zookeeper://", "");
  });
  beforeEach(() => {
    fleet = new Fleet({ natsUrl: serverUrl("NATS_URL"), zookeeperUrl: `zookeeper://${hosts}`, sessionTimeoutMs });
  });
  afterEach(() => fleet.stop());
  afterAll(async () => {
    await zookeeper.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ping = (broker: ServiceBroker, nodeID: string) => broker.call(`at-${nodeID}.ping`);

  it("finds who came before it and who comes after, and calls reach both", async () => {
    const [alice] = await fleet.start("alice");
    const [bob] = await fleet.start("bob/1|x");

    // Who came before is known once the start is over.
    expect(knownTo(bob!)).toEqual(["alice", "bob/1|x"]);
    await untilKnown(alice!, ["alice", "bob/1|x"]);
    await expect(ping(alice!, "bob/1|x")).resolves.toBe("bob/1|x");
    await expect(ping(bob!, "alice")).resolves.toBe("alice");
  });

  it("sees nothing of another namespace", async () => {
    const other = new Fleet({
      natsUrl: serverUrl("NATS_URL"),
      zookeeperUrl: `zookeeper://${hosts}`,
      sessionTimeoutMs,
    });
    try {
      const [alice, [bob]] = [(await fleet.start("alice"))[0]!, await other.start("bob")];
      await pause(200);

      expect(knownTo(alice)).toEqual(["alice"]);
      expect(knownTo(bob!)).toEqual(["bob"]);
    } finally {
      await other.stop();
    }
  });

  it("tells the others of a service that is created and destroyed later", async () => {
    const [alice, bob] = await fleet.start("alice", "bob");
    await untilKnown(alice!, ["alice", "bob"]);

    const late = bob!.createService({ name: "late", actions: { ping: () => "late" } });
    await alice!.waitForServices("late", 2000, 20);
    await expect(alice!.call("late.ping")).resolves.toBe("late");

    await bob!.destroyService(late);
    await until(
      () => alice!.registry.hasService("late", "bob"),
      (isThere) => !isThere,
    );
  });

  it("is gone for the others within a second of SIGTERM", async () => {
    const [alice] = await fleet.start("alice");
    const bob = fleet.spawn("bob");
    await untilKnown(alice!, ["alice", "bob"], 10_000);
    const goodbyes = disconnectsSeenBy(alice!);

    bob.kill("SIGTERM");

    expect(await untilKnown(alice!, ["alice"])).toBeLessThan(1000);
    await pause(300);
    // Its znode, which outlives its goodbye for a moment, did not bring it back.
    expect(goodbyes).toEqual([{ id: "bob", unexpected: false }]);
  });

  it("is gone for the others within the session's time of kill -9", async () => {
    const [alice] = await fleet.start("alice");
    const bob = fleet.spawn("bob");
    await untilKnown(alice!, ["alice", "bob"], 10_000);
    const goodbyes = disconnectsSeenBy(alice!);

    await kill(bob);

    // ZooKeeper counts in ticks of half a second, and looks at the end of each.
    expect(await untilKnown(alice!, ["alice"])).toBeLessThan(sessionTimeoutMs + 1000);
    expect(goodbyes).toEqual([{ id: "bob", unexpected: true }]);
  });

  it("registers again when its session expired while it was suspended", async () => {
    const [alice] = await fleet.start("alice");
    const bob = fleet.spawn("bob");
    await untilKnown(alice!, ["alice", "bob"], 10_000);

    bob.kill("SIGSTOP");
    await untilKnown(alice!, ["alice"]);
    bob.kill("SIGCONT");

    await untilKnown(alice!, ["alice", "bob"]);
    await expect(ping(alice!, "bob")).resolves.toBe("bob");
  });

  it("takes the place of a process of its id that was killed a moment ago", async () => {
    const [alice] = await fleet.start("alice");
    const first = fleet.spawn("bob");
    await untilKnown(alice!, ["alice", "bob"], 10_000);
    await kill(first);

    const [bob] = await fleet.start("bob");
    await until(
      () => alice!.registry.nodes.get("bob").instanceID,
      (instanceID) => instanceID === bob!.instanceID,
    );
    // The dead process's session ends now; the one that took its place stays.
    await pause(sessionTimeoutMs + 500);

    expect(knownTo(alice!)).toEqual(["alice", "bob"]);
  });

  it("stops when a later process has its id", async () => {
    const [first] = await fleet.start("bob");
    const fatal = jest.spyOn(first!, "fatal").mockImplementation(() => undefined);
    const [alice] = await fleet.start("alice");
    await untilKnown(alice!, ["alice", "bob"]);

    await fleet.start("bob");

    await until(
      () => fatal.mock.calls.length,
      (calls) => calls > 0,
    );
    expect(fatal.mock.calls[0]![0]).toContain("'bob'");
  });

  describe("with credentials", () => {
    const url = (credentials: string, chroot: string) => `zookeeper://${credentials}@${hosts}${chroot}`;
    let stranger: Client;
    let owner: Client;

    beforeAll(async () => {
      stranger = await connected();
      owner = await connected("emulsion:s@cret/1");
    });
    afterAll(() => {
      stranger.close();
      owner.close();
    });

    async function connected(credentials?: string): Promise<Client> {
      const client = createClient(hosts);
      if (credentials !== undefined) client.addAuthInfo("digest", Buffer.from(credentials));
      client.connect();
      await once(client, "connected");
      return client;
    }

    const codeOf = (act: (done: (error: Error | Exception | null) => void) => void) =>
      new Promise<number>((resolve) => act((error) => resolve(error === null ? 0 : (error as Exception).code)));

    it("makes a missing chroot, in which nobody else reads or writes", async () => {
      const settings = { zookeeperUrl: url("emulsion:s%40cret%2F1", "/made/for/us") };
      const alice = fleet.broker("alice", settings);
      const bob = fleet.broker("bob", settings);
      await Promise.all([alice.start(), bob.start()]);
      await untilKnown(alice, ["alice", "bob"]);

      const nodes = `/made/for/us/${fleet.namespace}/moleculer-nodes`;
      const names = await promisify(owner.getChildren.bind(owner) as Lister)(nodes);
      expect(names.map((name) => name.split("|")[0]).sort()).toEqual(["alice", "bob"]);
      const znode = `${nodes}/${names[0]}`;
      expect(await codeOf((done) => owner.getData(znode, done))).toBe(Exception.OK);
      for (const act of [
        (done) => stranger.getData(znode, done),
        (done) => stranger.setData(znode, Buffer.from("{}"), done),
        (done) => stranger.getChildren(nodes, done),
        (done) => stranger.create(`${nodes}/mallory`, done),
        (done) => stranger.create("/made/mallory", done),
        (done) => stranger.remove(znode, done),
      ] as Parameters<typeof codeOf>[0][])
        expect(await codeOf(act)).toBe(Exception.NO_AUTH);
    });

    it("is kept out of what belongs to other credentials, and says so", async () => {
      const alice = fleet.broker("alice", { zookeeperUrl: url("emulsion:secret", "/owned") });
      await alice.start();
      const log = new MemoryLog();
      const outsider = fleet.broker("mallory", { zookeeperUrl: url("mallory:guess", "/owned") }, { logger: log });
      void outsider.start();
      await until(
        () => log.errors,
        (errors) => errors.some((line) => line.includes("NO_AUTH")),
      );

      expect(knownTo(alice)).toEqual(["alice"]);
      expect(knownTo(outsider)).toEqual(["mallory"]);
    });
  });
});

class MemoryLog extends Loggers.Base<object> {
  readonly errors: string[] = [];

  override getLogHandler() {
    return (level: string, args: unknown[]) => {
      if (level === "error") this.errors.push(args.map(String).join(" "));
    };
  }
}
