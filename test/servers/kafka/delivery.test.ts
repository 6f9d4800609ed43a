import { deliveryConformance } from "../../mixins/channels/delivery.conformance";
import type { Home } from "../../mixins/channels/shop";
import { useShop } from "../../mixins/channels/use-shop";
import { describeOn } from "../../setup/servers";
import { deadLettersOf, kafkaEnv } from "./kafka-env";

describeOn(["KAFKA_BROKERS"], "channels by way of Kafka", () => {
  describe.each<Home>(["postgres", "documents"])("with an outbox in %s", (home) => {
    const scene = useShop(home, () => kafkaEnv());
    deliveryConformance(scene, () => deadLettersOf(scene.open.broker));
  });
});
