import { ServiceBroker } from "moleculer";
import { loadConfig } from "../../lib/config";
import { readinessOf } from "../../mixins/readiness";
import { brokerOptions } from "../../node/broker-options";

describe("a node", () => {
  const config = loadConfig({ LOG_LEVEL: "fatal", REDIS_URL: "redis://127.0.0.1:1" }, { services: [] });
  const broker = new ServiceBroker(brokerOptions(config));
  beforeAll(() => broker.start());
  afterAll(() => broker.stop());

  it("tells the others its health, and not how it is wired, for passwords are part of that", async () => {
    await expect(broker.call("$node.health")).resolves.toMatchObject({ cpu: expect.anything() });
    await expect(broker.call("$node.options")).rejects.toMatchObject({ type: "SERVICE_NOT_FOUND" });
  });

  it("is ready without stores that none of its services uses, and asks nothing of them", async () => {
    expect(await readinessOf(broker)).toEqual({ is_ready: true, checks: { started: true } });
  });
});
