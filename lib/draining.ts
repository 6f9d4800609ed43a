/** The local event by which a node tells its services that it takes no more work. */
export const DRAINING = "$node.draining";
