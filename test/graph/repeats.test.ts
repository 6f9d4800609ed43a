import { armFailpoint } from "../../mixins/failpoint";
import { useApp } from "../setup/use-app";

const app = useApp(["auth", "graph"]);

describe("a change whose first try came no further than its commit", () => {
  it.each(["graph.block", "graph.follow"] as const)("%s shows at once when its repeat was answered", async (action) => {
    const [alice, bob] = await app.users("alice", "bob");
    const seen = async () =>
      (await app.as(alice).call("graph.visible", { user_ids: [bob.id] })).users.map((one) => Object.values(one));
    // Cached from here on.
    const before = await seen();
    const disarm = armFailpoint("outbox.committed", () => {
      throw new Error("The process ended here.");
    });
    await expect(app.as(alice).call(action, { user_id: bob.id })).rejects.toThrow();
    disarm();
    await app.as(alice).call(action, { user_id: bob.id });
    expect(await seen()).not.toEqual(before);
  });
});
