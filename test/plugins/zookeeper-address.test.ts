import { loadConfig } from "../../lib/config";
import { parseAddress } from "../../plugins/zookeeper-discoverer/address";

describe("ZOOKEEPER_URL", () => {
  const bare = { services: [] };

  it.each([
    ["zookeeper://zk:2181", { hosts: ["zk:2181"], chroot: "" }],
    ["zookeeper://zk:2181/", { hosts: ["zk:2181"], chroot: "" }],
    ["zookeeper://zk1:2181,zk2:2182/emulsion/eu", { hosts: ["zk1:2181", "zk2:2182"], chroot: "/emulsion/eu" }],
    [
      "zookeeper://us%3Aer:p%40ss%2F@zk:2181/emulsion",
      { hosts: ["zk:2181"], chroot: "/emulsion", credentials: { user: "us:er", password: "p@ss/" } },
    ],
  ])("%s is taken, and read in the same way", (url, address) => {
    expect(loadConfig({ ZOOKEEPER_URL: url, NATS_URL: "nats://nats:4222" }, bare).zookeeperUrl).toBe(url);
    expect(parseAddress(url)).toEqual(address);
  });

  it.each([
    "zk:2181",
    "zookeeper://zk",
    "zookeeper://zk:2181//a",
    "zookeeper://zk:2181/../a",
    "zookeeper://user@zk:2181",
  ])("%s is refused", (url) => {
    expect(() => loadConfig({ ZOOKEEPER_URL: url }, bare)).toThrow("ZOOKEEPER_URL: must be");
  });
});
