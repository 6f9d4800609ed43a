import { connect, createInbox, JSONCodec, type NatsConnection } from "nats";
import { ServiceBroker } from "moleculer";
import { loadConfig } from "../../lib/config";
import { brokerOptions } from "../../node/broker-options";
import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { startChild } from "./child";

const IN_FLIGHT = 100;
const ROUND_MS = 2_000;
/** About as much as asking for a page of something. */
const params = { user_id: 4_503_599_627_370_495, limit: 20, text: "a morning by the sea with friends" };

export const rpc: Benchmark = {
  names: ["rpc_vs_nats"],
  about: `Calls/s from one process to another through broker.call and our transporter with ${IN_FLIGHT} in flight, to a bare NATS client that correlates requests by hand in an inbox of its own, with JSON of the same sizes.`,
  async run(lab) {
    const urls = await lab.urls("nats");
    const env = { ...lab.env(await lab.folder()), ...urls };
    const child = await startChild("echo", env);
    lab.onEnd(() => child.stop());
    const config = loadConfig({ ...lab.env(await lab.folder()), ...urls }, { services: [] });
    const broker = new ServiceBroker({ ...brokerOptions(config), skipProcessEventRegistration: true });
    lab.onEnd(() => broker.stop());
    await broker.start();
    await broker.waitForServices("echo", 10_000, 10);
    const client = await connect({ servers: urls["NATS_URL"]! });
    lab.onEnd(() => client.close());
    const sizes = await packetBytes(broker);
    const answer = padded(params, sizes.answer);
    const ask = asker(client, padded({ answer }, sizes.question));

    const measured = await alternate("rpc_vs_nats", {
      ours: async () => ({ rate: await rateOf(() => broker.call("echo.say", params)) }),
      reference: async () => ({ rate: await rateOf(ask) }),
    });
    return { rows: [rowOf("rpc_vs_nats", "calls/s", measured["rate"]!, "ratio >= 0.75")] };
  },
};

interface Watched {
  send(topic: string, data: Buffer, meta: unknown): Promise<void>;
  receive(command: string, data: Buffer): Promise<void>;
}

/** How long the packets are in which a call and its answer travel: what is sent by hand must be as long. */
async function packetBytes(broker: ServiceBroker): Promise<{ question: number; answer: number }> {
  const transporter = broker.transit!.tx as unknown as Watched;
  const send = transporter.send.bind(transporter);
  const receive = transporter.receive.bind(transporter);
  const bytes = { question: 0, answer: 0 };
  transporter.send = (topic, data, meta) => {
    bytes.question = Math.max(bytes.question, data.length);
    return send(topic, data, meta);
  };
  transporter.receive = (command, data) => {
    if (command === "RES") bytes.answer = data.length;
    return receive(command, data);
  };
  await broker.call("echo.say", params);
  Object.assign(transporter, { send, receive });
  return bytes;
}

function padded(message: object, bytes: number): object {
  const missing = bytes - JSON.stringify({ ...message, padding: "" }).length;
  return { ...message, padding: "x".repeat(Math.max(0, missing)) };
}

/** Request and reply with nothing between: a number for each request, and one subscription for all answers. */
function asker(client: NatsConnection, message: object): () => Promise<unknown> {
  const json = JSONCodec<object>();
  const inbox = createInbox();
  const waiting = new Map<string, (answer: object) => void>();
  let requests = 0;
  client.subscribe(`${inbox}.*`, {
    callback: (_, { subject, data }) => {
      const id = subject.slice(inbox.length + 1);
      waiting.get(id)?.(json.decode(data));
      waiting.delete(id);
    },
  });
  return () =>
    new Promise((resolve) => {
      const id = String((requests += 1));
      waiting.set(id, resolve);
      client.publish("bench.echo", json.encode(message), { reply: `${inbox}.${id}` });
    });
}

async function rateOf(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let calls = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - began < ROUND_MS) {
      await call();
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (calls * 1000) / (performance.now() - began);
}
