import { parseZnodeName, type Znode } from "./znode-name";

/** Who was there at the last look. */
export class Roster {
  private others = new Map<string, Znode>();
  private own: Znode[] = [];
  /** Names of nodes that said goodbye over the transporter while their znode was still there. */
  private departed = new Set<string>();

  constructor(private readonly ownID: string) {}

  /** Takes the children of the nodes' folder. */
  update(names: readonly string[]): void {
    // Sorted, so that two znodes of one id, which only a conflict makes, never take turns.
    const znodes = [...names].sort().flatMap((name) => parseZnodeName(name) ?? []);
    this.own = znodes.filter(({ nodeID }) => nodeID === this.ownID);
    this.departed = new Set(names.filter((name) => this.departed.has(name)));
    this.others = new Map(
      znodes
        .filter(({ name, nodeID }) => nodeID !== this.ownID && !this.departed.has(name))
        .map((znode) => [znode.nodeID, znode]),
    );
  }

  present(): Znode[] {
    return [...this.others.values()];
  }

  find(nodeID: string): Znode | undefined {
    return this.others.get(nodeID);
  }

  /** Every znode under this node's own id, whichever process or session made it. */
  ownZnodes(): readonly Znode[] {
    return this.own;
  }

  setOwn(name: string): void {
    const znode = parseZnodeName(name);
    this.own = znode === undefined ? [] : [znode];
  }

  depart(nodeID: string): void {
    const znode = this.others.get(nodeID);
    if (znode === undefined) return;
    this.departed.add(znode.name);
    this.others.delete(nodeID);
  }
}
