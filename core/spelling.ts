/** How many single-letter edits (insert, delete, replace) turn `a` into `b`. */
export function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The word of `known` that is spelled most like `word`, if it is near enough to be meant. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const enough = Math.max(1, Math.floor(word.length / 3));
  const [best] = known
    // Words of other lengths cannot be near; a stranger's endless word costs nothing.
    .filter((candidate) => Math.abs(candidate.length - word.length) <= enough)
    .map((candidate) => ({ candidate, away: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ away }) => away <= enough)
    .sort((a, b) => a.away - b.away);
  return best?.candidate;
}
