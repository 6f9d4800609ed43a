/** What is installed where no such server is there yet. The one place that names a version. */
export const versions = {
  kafka: "4.4.0",
  // Not 3.9.6, whose parent is missing at Maven Central.
  zookeeper: "3.9.5",
  minio: "v0.0.0-20260212201848-7aac2a2c5b7c",
  secantus: "0.5.3-beta.193",
  /** SecantusDB for Python: no compiler is needed, and it is 2 to 10 times slower. */
  secantusWheel: "0.7.0b3",
  /** Upstream versions in Debian 12, whose own builds are taken. Another release gives what it has. */
  debian: { "nats-server": "2.9.10", "redis-server": "5:7.0.15", "redis-tools": "5:7.0.15" },
  /** Where there are no packages of Debian's. */
  nats: "v2.15.2",
  /** For the manifests of Kubernetes: what renders them, and what knows their schemas. */
  kustomize: "v5.8.1",
  kubernetesValidate: "1.37.0",
} as const;
