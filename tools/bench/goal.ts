/** What is aimed at: a bound on a row's ratio, or on its value in the row's own unit, such as "ratio >= 0.45" or "value <= 50". */
export type Goal = `${"ratio" | "value"} ${">=" | "<="} ${number}`;

export function isReached(goal: Goal, row: { ratio: number; value: number }): boolean {
  const [figure, sign, limit] = goal.split(" ") as ["ratio" | "value", ">=" | "<=", string];
  return sign === ">=" ? row[figure] >= Number(limit) : row[figure] <= Number(limit);
}
