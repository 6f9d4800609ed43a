import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { median, quantile } from "../../tools/bench/alternate";
import { rowOf } from "../../tools/bench/benchmark";
import { getRequest, openMany } from "../../tools/bench/http-connection";
import { latencies, throughput } from "../../tools/bench/load";
import { tableLines } from "../../tools/bench/show-table";

describe("the figures", () => {
  it("are medians and quantiles of what was measured", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([...Array(100).keys()], 0.99)).toBe(99);
    expect(quantile([7], 0.5)).toBe(7);
  });

  it("are met by their ratio, and neither met nor missed where no goal is stated", () => {
    const measured = { value: 50, reference: 100, ratio: 0.5 };
    expect(rowOf("a", "reads/s", measured, 0.45)).toMatchObject({ goal: 0.45, met: true });
    expect(rowOf("a", "reads/s", measured, 0.6)).toMatchObject({ met: false });
    const open = rowOf("b", "ms", measured);
    expect(open).toMatchObject({ goal: null, met: null });
    expect(tableLines([open])[2]).toMatch(/^b +50\.0 +ms +100\.0 +0\.500$/);
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
