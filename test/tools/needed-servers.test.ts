import { join } from "node:path";
import { backendsOf, neededServers, testFiles } from "../setup/needed-servers";

describe("the servers of a run", () => {
  const below = (...path: string[]) => testFiles((file) => file.includes(join("test", ...path)));

  it("are those that its test files name", () => {
    const files = below("servers", "tools", "lifecycle");
    expect(files).toHaveLength(1);
    expect(neededServers(files, ["nats"])).toEqual(["REDIS_URL", "REDIS_CLUSTER_URL"]);
  });

  it("are also those that files name which they import, and those of Jest's projects, where it runs tests of services", () => {
    const files = below("graph");
    expect(files.length).toBeGreaterThan(0);
    const backends = backendsOf([{ globals: { BACKENDS: ["shards", "kafka"] } }, {}]);
    expect(neededServers(files, backends)).toEqual(["KAFKA_BROKERS", "DATABASE_URL", "DATABASE_SHARDS"]);
    expect(neededServers(below("posts"), ["mongodb"])).toEqual(["DATABASE_URL", "MONGODB_URL"]);
  });
});
