import { UnavailableError } from "../../../lib/errors";
import { eventually, type ShopScene } from "./use-shop";

/** More rows of one aggregate than an outbox of documents reads at once. */
const ROWS = 2_300;
const AT_ONCE = 230;

/** What holds when a group was away for long, and one aggregate was changed again and again meanwhile. */
export function longAggregates(scene: ShopScene): void {
  it("sends a long aggregate in order after a failure, and others meanwhile", async () => {
    const got: number[] = [];
    const others: string[] = [];
    let isDown = true;
    scene.handlers["stock"] = ({ data }) => {
      if (data.order_id !== "long") others.push(data.order_id);
      else if (isDown) throw new UnavailableError();
      else got.push(data.n);
    };
    for (let first = 1; first <= ROWS; first += AT_ONCE)
      await scene.open.shop.transaction(async (tx) => {
        for (let n = first; n < first + AT_ONCE; n++)
          await scene.open.shop.publish(tx, "order.changed", { order_id: "long", customer_id: 7, n }, { seq: n });
      });
    for (const order of ["one", "two", "three"]) await scene.open.shop.change(order);
    await eventually(() => others.length === 3, 20_000);
    await eventually(async () => (await scene.open.shop.outboxState()).unsent === ROWS, 20_000);
    expect(got).toEqual([]);

    isDown = false;
    await scene.settled(40_000);
    expect(got).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
  }, 90_000);
}
