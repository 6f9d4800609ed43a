export const serverNames = [
  "nats",
  "zookeeper",
  "kafka",
  "kafka-cluster",
  "postgres",
  "shards",
  "mongodb",
  "redis",
  "redis-cluster",
  "minio",
] as const;

export type ServerName = (typeof serverNames)[number];

/** One process of a server: where its data lies, and which loopback ports are its own, the same at every start. */
export interface Place {
  folder: string;
  ports: Record<string, number>;
}

export interface Site {
  /** One for each process. */
  places: Place[];
  /** 22 random characters, made at the first start: a cluster's id or a password. */
  token: string;
  /** More arguments or lines of configuration, for tests of what is not the default. */
  extra: readonly string[];
}

/** How servers of one kind are had, started and reached. */
export interface ServerKind<Installed = unknown> {
  /** Processes that it consists of. */
  size: number;
  /** Names of the ports that each of them listens on. */
  ports: readonly string[];
  /** Brings its programs into the tool cache where they are missing. @throws {ToolError} when they cannot be had. */
  install(): Promise<Installed>;
  version(installed: Installed): Promise<string>;
  /** Starts the process of this place, whose pid is in its folder from then on. Resolves once it takes connections. */
  start(installed: Installed, site: Site, index: number): Promise<void>;
  /** After processes were started: makes them one server, and waits until they are. */
  settle?(installed: Installed, site: Site): Promise<void>;
  /** The settings by which a node reaches it. */
  env(site: Site): Promise<Record<string, string>>;
}
