import { longAggregates } from "./long-aggregates.conformance";
import type { Home } from "./shop";
import { useShop } from "./use-shop";

describe.each<Home>(["postgres", "documents"])("channels with an outbox in %s and a group that was away", (home) => {
  longAggregates(useShop(home));
});
