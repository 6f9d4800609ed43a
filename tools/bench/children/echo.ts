import { connect, JSONCodec } from "nats";
import { ServiceBroker } from "moleculer";
import { loadConfig } from "../../../lib/config";
import { brokerOptions } from "../../../node/broker-options";

/** Answers what it is asked, once as a service of a node of ours and once by hand on a bare NATS client. */
process.once("message", (env: Record<string, string>) => void serve(env));

async function serve(env: Record<string, string>): Promise<void> {
  const broker = new ServiceBroker({ ...brokerOptions(loadConfig(env, { services: [] })), skipProcessEventRegistration: true });
  broker.createService({ name: "echo", actions: { say: (ctx: { params: object }) => ctx.params } });
  await broker.start();

  const client = await connect({ servers: env["NATS_URL"]! });
  const json = JSONCodec<{ answer: object }>();
  const answer = JSONCodec<object>();
  client.subscribe("bench.echo", {
    callback: (_, message) => message.respond(answer.encode(json.decode(message.data).answer)),
  });
  await client.flush();

  process.once("disconnect", () => void Promise.all([broker.stop(), client.close()]).finally(() => process.exit()));
  process.send?.({ url: env["NATS_URL"] });
}
