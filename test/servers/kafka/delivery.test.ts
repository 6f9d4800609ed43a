import { deliveryConformance, type Letter } from "../../mixins/channels/delivery.conformance";
import type { Home } from "../../mixins/channels/shop";
import { useShop } from "../../mixins/channels/use-shop";
import { describeOn } from "../../setup/servers";
import { deadLettersOf, kafkaEnv } from "./kafka-env";

describeOn(["KAFKA_BROKERS"], "channels by way of Kafka", () => {
  describe.each<Home>(["postgres", "documents"])("with an outbox in %s", (home) => {
    const env = kafkaEnv();
    const scene = useShop(home, () => env);
    deliveryConformance(scene, async (order) => {
      const box = deadLettersOf(scene.open.broker);
      const letters = await box.list({ limit: 100 });
      await box.close();
      return letters
        .map(({ value, ...letter }) => ({ ...letter, event: JSON.parse(value) as Letter["event"] }))
        .filter(({ event }) => event.aggregate_id === order);
    });
  });
});
