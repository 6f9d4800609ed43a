import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { median, quantile } from "../../tools/bench/alternate";
import { rowOf } from "../../tools/bench/benchmark";
import { benchmarks } from "../../tools/bench/benchmarks";
import { getRequest, openMany } from "../../tools/bench/http-connection";
import { JsonClient } from "../../tools/bench/json-client";
import { Lab } from "../../tools/bench/lab";
import { latencies, throughput } from "../../tools/bench/load";
import { openLoop } from "../../tools/bench/open-loop";
import { plot } from "../../tools/bench/plot";
import { powerLawGraph } from "../../tools/bench/power-law";
import { scaleOf, shortNumber } from "../../tools/bench/scale";
import { tableLines } from "../../tools/bench/show-table";
import type { Sweep } from "../../tools/bench/sweep";

describe("the figures", () => {
  it("are medians and quantiles of what was measured", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([...Array(100).keys()], 0.99)).toBe(99);
    expect(quantile([7], 0.5)).toBe(7);
  });

  it("are met by their ratio, and neither met nor missed where no goal is stated", () => {
    const measured = { value: 50, reference: 100, ratio: 0.5 };
    expect(rowOf("a", "reads/s", measured, "ratio >= 0.45")).toMatchObject({ goal: "ratio >= 0.45", met: true });
    expect(rowOf("a", "reads/s", measured, "ratio >= 0.6")).toMatchObject({ met: false });
    expect(rowOf("a", "ms", measured, "ratio <= 0.4")).toMatchObject({ met: false });
    expect(rowOf("a", "ms", measured, "value <= 50")).toMatchObject({ met: true });
    expect(rowOf("a", "ms", measured, "value <= 49.9")).toMatchObject({ met: false });
    const open = rowOf("b", "ms", measured);
    expect(open).toMatchObject({ goal: null, met: null });
    expect(tableLines([open])[2]).toMatch(/^b +50\.0 +ms +100\.0 +0\.500$/);
  });
});

describe("the benchmarks", () => {
  it("each measure rows of their own", () => {
    const names = benchmarks.flatMap((benchmark) => benchmark.names);
    expect(names).toEqual([...new Set(names)]);
  });
});

describe("a plot", () => {
  const sweep: Sweep = {
    ...{ name: "costs", title: "Costs & <gains>", kind: "lines" },
    x: { label: "users", cases: [1_000, 10_000, 1_000_000] },
    y: { label: "reads", unit: "1/s" },
    series: [
      { label: "ours", values: [10, 20, 30] },
      { label: "reference", values: [0, 40, 60] },
    ],
  };
  const pointsOf = (svg: string) =>
    [...svg.matchAll(/<polyline[^>]* points="([^"]*)"/g)].map(([, points]) =>
      points!.split(" ").map((point) => point.split(",").map(Number)),
    );

  it("draws each value where its axes say", () => {
    const [ours, reference] = pointsOf(plot(sweep, "a machine"));
    const [zero, forty, sixty] = reference!.map(([, y]) => y!);
    expect((zero! - forty!) / (zero! - sixty!)).toBeCloseTo(40 / 60, 2);
    expect((zero! - ours![2]![1]!) / (zero! - sixty!)).toBeCloseTo(30 / 60, 2);
    expect(ours!.map(([x]) => x)).toEqual(reference!.map(([x]) => x));
  });

  it("is an image with its title, axes and units, in light and dark", async () => {
    for (const kind of ["lines", "bars"] as const) {
      const svg = plot({ ...sweep, kind }, "a machine");
      const words = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, word]) => word);
      const named = [
        "Costs &amp; &lt;gains&gt;",
        "users",
        "reads (1/s)",
        "ours",
        "reference",
        "1k",
        "1M",
        "60",
        "a machine",
      ];
      expect(words).toEqual(expect.arrayContaining(named));
      expect(svg).toContain("prefers-color-scheme: dark");
      // Media refuses what is drawn by strangers; this is ours.
      sharp.unblock({ operation: ["VipsForeignLoadSvg"] });
      const { width, height } = await sharp(Buffer.from(svg)).metadata();
      expect({ width, height }).toEqual({ width: 720, height: 420 });
    }
  });

  it("has an axis in round steps that ends above the highest value", () => {
    expect(scaleOf([0.034]).ticks.map(shortNumber)).toEqual(["0", "0.01", "0.02", "0.03", "0.04"]);
    expect(scaleOf([61_000]).ticks.map(shortNumber)).toEqual(["0", "20k", "40k", "60k", "80k"]);
  });
});

describe("a power-law graph", () => {
  const graph = powerLawGraph(20_000, 3);
  const counted = (end: 0 | 1) => {
    const counts = Array<number>(graph.people).fill(0);
    for (const edge of graph.edges) counts[edge[end]]! += 1;
    return counts.sort((a, b) => b - a);
  };

  it("has as many follows as asked for, nobody's own and none twice, and is the same for the same seed", () => {
    expect(graph.edges).toHaveLength(20_000);
    expect(new Set(graph.edges.map(String)).size).toBe(20_000);
    expect(graph.edges.every(([follower, following]) => follower !== following)).toBe(true);
    const written = String(graph.edges);
    expect(String(powerLawGraph(20_000, 3).edges) === written).toBe(true);
    expect(String(powerLawGraph(20_000, 4).edges) === written).toBe(false);
  });

  it("has a few who follow many, and a few whom many follow", () => {
    for (const counts of [counted(0), counted(1)]) {
      const tenth = counts.slice(0, graph.people / 10).reduce((sum, count) => sum + count, 0);
      expect(tenth / 20_000).toBeGreaterThan(0.25);
      expect(counts[0]! / counts[graph.people / 2]!).toBeGreaterThan(8);
    }
  });
});

describe("an open loop", () => {
  it("sends when each is due, whether or not what was sent before is answered, and waits for the last", async () => {
    const early: number[] = [];
    const dues: number[] = [];
    let allAreSent = (): void => undefined;
    const answers = new Promise<void>((resolve) => (allAreSent = resolve));
    await openLoop(100, 10, async (number, dueAt) => {
      dues.push(dueAt);
      if (performance.now() < dueAt) early.push(number);
      if (number === 9) allAreSent();
      // Nobody is answered before the last one was sent.
      await answers;
    });
    expect(dues.map((due) => Math.round(due - dues[0]!))).toEqual(Array.from({ length: 10 }, (_, i) => i * 10));
    expect(early).toEqual([]);
  });

  it("ends with the first error, after all are answered", async () => {
    let answered = 0;
    const failing = openLoop(1000, 5, async (number) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      answered += 1;
      if (number === 1) throw new Error("number 1");
    });
    await expect(failing).rejects.toThrow("number 1");
    expect(answered).toBeGreaterThanOrEqual(2);
  });
});

describe("a client that bears a refusal", () => {
  it("asks again after a 503, under the same key, and gives up at any other answer", async () => {
    const keys: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      keys.push(request.headers["idempotency-key"] as string | undefined);
      response.writeHead(request.url === "/api/v1/bad" ? 422 : keys.length < 3 ? 503 : 201).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const api = new JsonClient(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    try {
      await expect(api.ask("POST", "posts", "token", {})).resolves.toBe("{}");
      expect(api.refused).toBe(2);
      expect(new Set(keys).size).toBe(1);
      await expect(api.ask("POST", "bad", "token", {})).rejects.toThrow("POST bad: 422");
    } finally {
      api.close();
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("a lab", () => {
  it("leaves neither a folder nor a server behind", async () => {
    const lab = await Lab.open();
    const folder = await lab.folder();
    const server = await lab.server("postgres");
    expect(await lab.urls("postgres")).toEqual(server.env);
    const pids = [...server.pids];
    expect(pids).toHaveLength(1);
    await lab.end();
    expect(existsSync(folder)).toBe(false);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});

describe("the load", () => {
  async function withServer(delayMs: number, status: number, work: (url: URL, asked: () => number) => Promise<void>) {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += request.headers.authorization === "Bearer secret" ? 1 : 0;
      const body = "x".repeat(100_000);
      setTimeout(() => response.writeHead(status, { "content-length": body.length }).end(body), delayMs);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      await work(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), () => asked);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it("counts every whole answer once", async () => {
    await withServer(20, 200, async (url, asked) => {
      const connections = await openMany(4, url, getRequest(url, "/", "secret"));
      const rate = await throughput(connections, 400);
      connections.forEach((connection) => connection.close());
      expect(rate).toBeLessThanOrEqual(4 / 0.02);
      expect(asked()).toBeGreaterThanOrEqual(4);
      expect(rate * 0.4).toBeLessThanOrEqual(asked());
    });
  });

  it("counts waiting from when a request was due, not from when it could be sent", async () => {
    await withServer(50, 200, async (url, asked) => {
      const connections = await openMany(1, url, getRequest(url, "/", "secret"));
      // Ten are due within 10 ms, and the only connection takes 50 ms for each.
      const times = await latencies(connections, 1000, 10);
      connections.forEach((connection) => connection.close());
      expect(asked()).toBe(10);
      expect(times).toHaveLength(10);
      expect(times[9]!).toBeGreaterThan(400);
    });
  });

  it("ends with an error when an answer is none that counts", async () => {
    await withServer(0, 503, async (url) => {
      const connections = await openMany(1, url, getRequest(url, "/", "secret"));
      await expect(throughput(connections, 200)).rejects.toThrow(/503/);
      connections.forEach((connection) => connection.close());
    });
  });
});
