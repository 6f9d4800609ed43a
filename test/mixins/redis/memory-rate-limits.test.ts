import { MemoryRateLimits } from "../../../mixins/redis/memory-rate-limits";
import { describeRateLimits } from "./rate-limits.conformance";

describeRateLimits("memory", () => ({ limits: new MemoryRateLimits() }));
