import { Discoverers, type Logger, type Registry } from "moleculer";
import { type Address, parseAddress } from "./address";
import { Membership, type MembershipListener } from "./membership";
import type { Roster } from "./roster";
import { ConnectionLostError, type End } from "./session";
import type { Znode } from "./znode-name";

export interface ZooKeeperDiscovererOptions {
  /** `zookeeper://[user:password@]host:port[,host:port][/chroot]`. With credentials nobody else reads or writes what is made. */
  url: string;
  /** A node that ZooKeeper has not heard of for so long is gone. The server has bounds of its own. */
  sessionTimeoutMs: number;
}

const operationsTotal = "moleculer.discoverer.zookeeper.operations.total";
const connectedGauge = "moleculer.discoverer.zookeeper.connected";
const folderName = "moleculer-nodes";
const noticeMs = 5000;

/**
 * Nodes find each other in ZooKeeper: each keeps an ephemeral znode with its INFO, named `<node id>|<instance>|<seq>`, and one
 * watch on the folder. A change costs every other node one listing, whose names tell which single INFO is new. While ZooKeeper
 * is away nobody is taken for gone; when it is back, whoever has not returned within a session's time is.
 */
export class ZooKeeperDiscoverer extends Discoverers.Base {
  private readonly address: Address;
  private readonly sessionTimeoutMs: number;
  private log!: Logger;
  private membership!: Membership;
  private graceUntil = 0;
  private graceTimer: NodeJS.Timeout | undefined;
  private readonly reads = new Map<string, Promise<void>>();
  private markLooked!: () => void;
  private readonly hasLooked = new Promise<void>((resolve) => (this.markLooked = resolve));

  constructor({ url, sessionTimeoutMs }: ZooKeeperDiscovererOptions) {
    // Znodes tell who is alive. A beat, in seconds, only probes the connection.
    super({ disableHeartbeatChecks: true, heartbeatInterval: sessionTimeoutMs / 1000 });
    this.address = parseAddress(url);
    this.sessionTimeoutMs = sessionTimeoutMs;
  }

  get isConnected(): boolean {
    return this.membership.isConnected;
  }

  override init(registry: Registry): void {
    super.init(registry);
    const { namespace, nodeID, instanceID } = this.broker;
    this.log = this.broker.getLogger("zookeeper");
    const namespaceFolder = namespace ? `/${encodeURIComponent(namespace)}` : "";
    const folder = `${this.address.chroot}${namespaceFolder}/${folderName}`;
    const { address, sessionTimeoutMs } = this;
    this.membership = new Membership({ address, folder, nodeID, instanceID, sessionTimeoutMs }, this.listener());
  }

  override registerMoleculerMetrics(): void {
    const { metrics } = this.broker;
    metrics.register({
      name: operationsTotal,
      type: "counter",
      labelNames: ["operation"],
      description: "Operations that ZooKeeper was asked for",
    });
    metrics.register({ name: connectedGauge, type: "gauge", description: "Whether ZooKeeper is connected" })?.set(0);
  }

  /** At the start it waits for ZooKeeper, however long, as the transporter waits for its server. */
  override async discoverAllNodes(): Promise<void> {
    if (!this.membership.isOpen) this.membership.open();
    else if (this.isConnected) await this.membership.look();
    const notice = setTimeout(() => this.log.warn(`No answer from ZooKeeper at ${this.hosts} yet.`), noticeMs).unref();
    await this.hasLooked;
    clearTimeout(notice);
  }

  override async discoverNode(nodeID: string): Promise<void> {
    const znode = this.membership.roster.find(nodeID);
    if (znode === undefined) return;
    const read = this.reads.get(znode.name) ?? this.read(znode).finally(() => this.reads.delete(znode.name));
    this.reads.set(znode.name, read);
    return read;
  }

  override async sendLocalNodeInfo(nodeID?: string): Promise<void> {
    const { broker, transit } = this;
    if (nodeID === undefined && broker.options.disableBalancer && transit?.tx.connected)
      await transit.tx.makeBalancedSubscriptions();
    const info = broker.getLocalNodeInfo();
    const payload = { ver: broker.PROTOCOL_VERSION, sender: broker.nodeID, ...info };
    await this.membership.announce(info.seq, Buffer.from(JSON.stringify(payload)));
  }

  /** Tells the other nodes nothing: while its session lives, a node does. */
  override sendHeartbeat(): Promise<void> {
    return this.membership.probe();
  }

  override remoteNodeDisconnected(nodeID: string, isUnexpected: boolean): void {
    // Its znode lives a moment longer, and must not bring it back.
    if (!isUnexpected) this.membership.roster.depart(nodeID);
    super.remoteNodeDisconnected(nodeID, isUnexpected);
  }

  override async localNodeDisconnected(): Promise<void> {
    await super.localNodeDisconnected();
    await this.leave();
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.leave();
  }

  private get hosts(): string {
    return this.address.hosts.join(", ");
  }

  private listener(): MembershipListener {
    const { broker } = this;
    return {
      connected: (sessionMs) => {
        this.log.info(`Connected to ZooKeeper at ${this.hosts}.`);
        broker.metrics.set(connectedGauge, 1);
        this.graceUntil = Date.now() + sessionMs;
      },
      away: (why) => {
        broker.metrics.set(connectedGauge, 0);
        if (why in explanations) this.log.warn(`${explanations[why]} This node goes on with the nodes that it knows.`);
        clearTimeout(this.graceTimer);
      },
      looked: (roster) => this.compare(roster),
      displaced: () =>
        broker.fatal(`Another process has the node id '${broker.nodeID}' now. Use unique ones. This one stops.`),
      refused: (error) => this.log.error("ZooKeeper refused what it was asked for.", error),
      asked: (operation) => broker.metrics.increment(operationsTotal, { operation }),
    };
  }

  /** Brings the registry up to date, reading nothing but the INFO of nodes that are new or have changed. */
  private async compare(roster: Roster): Promise<void> {
    this.dropAbsent();
    // The base discovers whom it does not know, and whose instance or seq differs.
    for (const { nodeID, instanceID, seq } of roster.present()) this.heartbeatReceived(nodeID, { instanceID, seq });
    await Promise.all(this.reads.values());
    this.markLooked();
  }

  /** Removes who has left; not shortly after an outage, when nodes are just coming back. */
  private dropAbsent(): void {
    const absent = this.registry.nodes
      .toArray()
      .filter(({ id, local, available }) => !local && available && !this.membership.roster.find(id));
    const graceMs = this.graceUntil - Date.now();
    clearTimeout(this.graceTimer);
    if (absent.length > 0 && graceMs > 0) this.graceTimer = setTimeout(() => this.dropAbsent(), graceMs);
    else for (const { id } of absent) this.remoteNodeDisconnected(id, true);
  }

  private async read(znode: Znode): Promise<void> {
    try {
      const info = await this.membership.read(znode);
      if (info !== undefined) this.processRemoteNodeInfo(znode.nodeID, JSON.parse(info.toString()) as object);
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) this.log.warn(`The INFO of '${znode.nodeID}' is unreadable.`, error);
    }
  }

  private async leave(): Promise<void> {
    clearTimeout(this.graceTimer);
    await this.membership.close();
    this.broker.metrics.set(connectedGauge, 0);
  }
}

/** A connection that stays lost is told once. */
const explanations: Partial<Record<End | "disconnected", string>> = {
  disconnected: "ZooKeeper is out of reach.",
  expired: "The session with ZooKeeper has expired; a new one is opened.",
  silent: "ZooKeeper has not answered for a session's time; a new session is opened.",
  refused: "ZooKeeper refused the credentials.",
};
