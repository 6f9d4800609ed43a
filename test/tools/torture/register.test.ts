import { Register } from "../../../tools/torture/checks/register";

describe("what a thing may have been", () => {
  const write = (value: string, from_ms: number, by_ms: number, isSure = true) => ({
    value,
    from_ms,
    by_ms,
    isSure,
    op: 1,
  });
  const register = (...writes: ReturnType<typeof write>[]): Register<string> => {
    const made = new Register("first");
    for (const one of writes) made.add(one);
    return made;
  };
  const possible = (made: Register<string>, from: number, to: number) => [...made.possible(from, to)].sort();

  it("is the newest write before, and all that overlap the look", () => {
    const made = register(write("a", 10, 20), write("b", 30, 40), write("c", 50, 60));
    expect(possible(made, 0, 5)).toEqual(["first"]);
    expect(possible(made, 15, 16)).toEqual(["a", "first"]);
    expect(possible(made, 25, 26)).toEqual(["a"]);
    expect(possible(made, 45, 55)).toEqual(["b", "c"]);
    expect(made.mustBe("c", 61, 62)).toBe(true);
  });

  it("is either of two writes that overlap each other", () => {
    expect(possible(register(write("a", 10, 30), write("b", 20, 40)), 50, 60)).toEqual(["a", "b"]);
  });

  it("may become at any later time what nobody answered for", () => {
    const made = register(write("a", 10, Infinity, false), write("b", 20, 30));
    expect(possible(made, 40, 50)).toEqual(["a", "b"]);
    expect(made.mayBe("a", 5, 6)).toBe(false);
  });

  it("is no longer what a refused write may have made it, once another came after", () => {
    expect(possible(register(write("a", 10, 20, false), write("b", 30, 40)), 50, 60)).toEqual(["b"]);
  });
});
