/** What the name of a node's znode tells: enough to know whether its INFO has to be read. */
export interface Znode {
  name: string;
  nodeID: string;
  /** The beginning of the instance id, another one after each restart. */
  instanceID: string;
  /** Raised by Moleculer with each change of the node's services. */
  seq: number;
}

const instanceLength = 8;

/** `<node id>|<instance>|<seq>`. */
export function znodeName(nodeID: string, instanceID: string, seq: number): string {
  // A slash would be a folder, and a bar would end the id.
  return [encodeURIComponent(nodeID), shortInstance(instanceID), seq].join("|");
}

export function shortInstance(instanceID: string): string {
  return instanceID.slice(0, instanceLength);
}

/** Undefined for a name that no node of ours has. */
export function parseZnodeName(name: string): Znode | undefined {
  const [id, instanceID, seq, ...rest] = name.split("|");
  if (!id || !instanceID || !seq || !/^\d+$/.test(seq) || rest.length > 0) return undefined;
  try {
    return { name, nodeID: decodeURIComponent(id), instanceID, seq: Number(seq) };
  } catch {
    return undefined;
  }
}
