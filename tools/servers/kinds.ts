import { kafka, kafkaCluster } from "./kinds/kafka";
import { minio } from "./kinds/minio";
import { mongodb } from "./kinds/mongodb";
import { nats } from "./kinds/nats";
import { postgres, shards } from "./kinds/postgres";
import { redis } from "./kinds/redis";
import { redisCluster } from "./kinds/redis-cluster";
import { zookeeper } from "./kinds/zookeeper";
import type { ServerKind, ServerName } from "./server-kind";

export const kinds: Record<ServerName, ServerKind> = {
  nats,
  zookeeper,
  kafka,
  "kafka-cluster": kafkaCluster,
  postgres,
  shards,
  mongodb,
  redis,
  "redis-cluster": redisCluster,
  minio,
};
