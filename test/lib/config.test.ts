import { ConfigError, loadConfig, type Purpose } from "../../lib/config";
import { testKeys } from "../setup/test-keys";

function faultsOf(env: Record<string, string>, purpose?: Purpose): string[] {
  try {
    loadConfig(env, purpose);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

const NATS_URL = "nats://127.0.0.1:4222";
const DATABASE_URL = "postgres://user@127.0.0.1/emulsion";

describe("the configuration of a node", () => {
  it("has every service, or those that are named", () => {
    expect(loadConfig({}).services).toEqual(expect.arrayContaining(["api", "auth", "posts", "discovery"]));
    expect(loadConfig({ SERVICES: " newsfeed, posts," }).services).toEqual(["newsfeed", "posts"]);
    expect(loadConfig({ SERVICES: "posts" }, { services: [] }).services).toEqual([]);
  });

  it("names a service that there is not, and those that there are", () => {
    expect(faultsOf({ SERVICES: "posts,likes" })).toEqual([
      expect.stringMatching(/SERVICES.*no likes;.*newsfeed.*auth/),
    ]);
  });

  it("lists every store that a node of a fleet lacks, with who needs it", () => {
    const faults = faultsOf({ NATS_URL, SERVICES: "posts,auth,newsfeed", JWT_KEYS: testKeys.JWT_KEYS });
    expect(faults).toHaveLength(3);
    expect(faults.join()).toMatch(/DATABASE_URL or DATABASE_SHARDS: required by auth, newsfeed/);
    expect(faults.join()).toMatch(/MONGODB_URL: required by posts/);
    expect(faults.join()).toMatch(/REDIS_URL: required by posts, auth, newsfeed/);
    expect(faultsOf({ NATS_URL, SERVICES: "discovery" })).toEqual([]);
    expect(faultsOf({ NATS_URL }, { services: [] })).toEqual([]);
  });

  it("refuses a ZooKeeper to a node that is alone", () => {
    const ZOOKEEPER_URL = "zookeeper://127.0.0.1:2181";
    const env = { ZOOKEEPER_URL, SERVICES: "discovery" };
    expect(faultsOf(env)).toEqual([expect.stringMatching(/ZOOKEEPER_URL: only with NATS_URL/)]);
    expect(faultsOf({ ...env, NATS_URL })).toEqual([]);
  });

  it("refuses a list of nothing, by which a node of a fleet would start on a store of its own", () => {
    const env = { NATS_URL, SERVICES: "graph", REDIS_URL: "redis://127.0.0.1:6379" };
    expect(faultsOf({ ...env, DATABASE_SHARDS: " ," })).toEqual(["DATABASE_SHARDS: must name something"]);
    expect(faultsOf({ ...env, DATABASE_URL, KAFKA_BROKERS: "," })).toEqual(["KAFKA_BROKERS: must name something"]);
    expect(faultsOf({ SERVICES: "," })).toEqual([expect.stringContaining("SERVICES: must name something")]);
    expect(faultsOf({ ...env, DATABASE_URL, KAFKA_BROKERS: "" })).toEqual([]);
  });

  it("wants its keys from the environment as soon as a store is shared, where the node signs", () => {
    expect(faultsOf({ DATABASE_URL, SERVICES: "auth,media" })).toEqual([
      expect.stringContaining("JWT_KEYS: required by auth with DATABASE_URL"),
      expect.stringContaining("MEDIA_KEYS: required by media with DATABASE_URL"),
    ]);
    expect(faultsOf({ DATABASE_URL, SERVICES: "graph" })).toEqual([]);
    expect(faultsOf({ DATABASE_URL }, { isTool: true })).toEqual([]);
    expect(faultsOf({ DATABASE_URL, ...testKeys, JWT_KEYS: "short:abc" })).toEqual([
      expect.stringContaining("32 bytes"),
    ]);
    expect(faultsOf({})).toEqual([]);
  });

  it("wants media URLs to last no longer than S3 takes one for an upload", () => {
    expect(loadConfig({ MEDIA_URL_SECONDS: "604800" }).mediaUrlSeconds).toBe(604_800);
    expect(faultsOf({ MEDIA_URL_SECONDS: "604801" })).toEqual([expect.stringContaining("MEDIA_URL_SECONDS")]);
  });
});
