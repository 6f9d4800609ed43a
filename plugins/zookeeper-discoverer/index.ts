export { ZooKeeperDiscoverer, type ZooKeeperDiscovererOptions } from "./zookeeper-discoverer";
