/** `Map.groupBy`, which Node 20 lacks. */
export function groupBy<T, K>(list: Iterable<T>, keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

export function countBy<T, K>(list: Iterable<T>, keyOf: (one: T) => K): Map<K, number> {
  return new Map([...groupBy(list, keyOf)].map(([key, { length }]) => [key, length]));
}
