import { deliveryConformance } from "../../mixins/channels/delivery.conformance";
import { useShop } from "../../mixins/channels/use-shop";
import { describeOn } from "../../setup/servers";
import { deadLettersOf, kafkaEnv } from "./kafka-env";

describeOn(["KAFKA_BROKERS"], "channels by way of Kafka", () => {
  const scene = useShop("postgres", () => kafkaEnv());
  deliveryConformance(scene, () => deadLettersOf(scene.open.broker));
});
