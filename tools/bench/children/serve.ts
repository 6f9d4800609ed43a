import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { loadConfig } from "../../../lib/config";
import { opsServer } from "../../../node/ops-server";
import { allServices, startServices } from "../../start-services";

/**
 * The whole product in this process, wired as `npm start` wires it, told by its parent what its environment would tell. `METRICS=off`
 * is no setting of the product: it leaves the registry off, to be measured against.
 */
process.once("message", (env: Record<string, string>) => void serve(env));

async function serve(env: Record<string, string>): Promise<void> {
  const { broker, stop } = await startServices(loadConfig(env), allServices, {
    holdsFolder: true,
    middlewares: [opsServer()],
    ...(env["METRICS"] === "off" ? { metrics: false } : {}),
  });
  const gateway = broker.services.find(({ name }) => name === "api") as unknown as { server: Server };
  const { port } = gateway.server.address() as AddressInfo;
  process.once("disconnect", () => void stop().finally(() => process.exit()));
  process.send?.({ url: `http://127.0.0.1:${port}` });
}
