/** Choices that outlast a visit, where the browser keeps anything. */

/** What was remembered, if it is one of those there are; null: nothing. */
export function recall<T extends string>(key: string, known: readonly T[]): T | null {
  try {
    const value = localStorage.getItem(key);
    return known.find((one) => one === value) ?? null;
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Where nothing may be stored, the choice holds for this visit.
  }
}
