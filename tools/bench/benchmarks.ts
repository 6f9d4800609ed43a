import type { Benchmark } from "./benchmark";
import { fanOut } from "./fan-out";
import { feedByInfluencers } from "./feed-by-influencers";
import { feedByUsers } from "./feed-by-users";
import { feedCold } from "./feed-cold";
import { feedLatency, feedRead } from "./feed-read";
import { feedReadFleet } from "./feed-read-fleet";
import { feedReadRedis } from "./feed-read-redis";
import { feedTruth } from "./feed-truth";
import { freshness } from "./freshness";
import { observability } from "./observability";
import { idleConnections } from "./idle-connections";
import { idleMemory } from "./idle-memory";
import { manyPosts } from "./many-posts";
import { influencerPost } from "./influencer-post";
import { timelineMemory } from "./timeline-memory";
import { rpc } from "./rpc";
import { renditions } from "./renditions";
import { suggestions } from "./suggestions";

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  feedRead,
  feedReadRedis,
  feedReadFleet,
  feedByUsers,
  feedByInfluencers,
  feedTruth,
  feedLatency,
  observability,
  feedCold,
  fanOut,
  influencerPost,
  timelineMemory,
  rpc,
  renditions,
  freshness,
  suggestions,
  manyPosts,
  idleMemory,
  idleConnections,
];
