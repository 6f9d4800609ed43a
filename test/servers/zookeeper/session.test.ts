import { randomBytes } from "node:crypto";
import { parseAddress } from "../../../plugins/zookeeper-discoverer/address";
import { ConnectionLostError, Session } from "../../../plugins/zookeeper-discoverer/session";
import { describeOn, serverUrl } from "../../setup/servers";
import { FickleProxy } from "./fickle-proxy";
import { pause, until } from "./fleet";

const sessionTimeoutMs = 2000;

describeOn(["ZOOKEEPER_URL"], "a session with ZooKeeper", () => {
  let proxy: FickleProxy;
  let session: Session;
  let ends: string[];

  beforeEach(async () => {
    proxy = new FickleProxy(Number(new URL(serverUrl("ZOOKEEPER_URL")).port));
    await proxy.open();
    ends = [];
    const nothing = () => undefined;
    session = new Session(parseAddress(`zookeeper://127.0.0.1:${proxy.port}`), sessionTimeoutMs, {
      connected: nothing,
      disconnected: nothing,
      changed: nothing,
      asked: nothing,
      ended: (why) => ends.push(why),
    });
    await untilConnected(true);
  });
  afterEach(async () => {
    await session.close();
    await proxy.close();
  });

  const untilConnected = (wanted: boolean) =>
    until(
      () => session.isConnected,
      (isConnected) => isConnected === wanted,
    );
  const own = () => `/test-${randomBytes(6).toString("hex")}`;

  it("rejects what was under way when the connection broke inside an answer, and goes on with the next one", async () => {
    const path = own();
    const data = randomBytes(40_000);
    await session.swap([], path, data);

    // Nothing of the half that came may be taken for the beginning of what the next connection says.
    proxy.breakAfter(data.length / 2);
    await expect(session.read(path)).rejects.toThrow(ConnectionLostError);
    await untilConnected(true);

    await expect(session.read(path)).resolves.toEqual(data);
    expect(ends).toEqual([]);
  });

  it("is given up when the connection stays away for its time, and troubles nobody when the server is back", async () => {
    await proxy.close();
    await untilConnected(false);
    await expect(session.exists("/")).rejects.toThrow(ConnectionLostError);
    await until(
      () => ends,
      ([why]) => why === "lost",
      2 * sessionTimeoutMs,
    );

    // An attempt of its client to connect may be under way: it meets a server again, and must not throw.
    await proxy.open();
    await pause(500);
    expect(ends).toEqual(["lost"]);
  });

  it("closed while the connection is away leaves at once, and troubles nobody either", async () => {
    await proxy.close();
    await untilConnected(false);

    await session.close();
    await proxy.open();
    await pause(500);

    expect(ends).toEqual([]);
  });
});
