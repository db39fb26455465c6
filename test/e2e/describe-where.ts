/** Describes what can only be tried in some places; elsewhere the tests are skipped and their title says why. */
export function describeWhere(
  condition: { readonly holds: boolean; readonly otherwise: string },
  title: string,
  tests: () => void,
): void {
  const { holds, otherwise } = condition;
  const block = holds ? describe : describe.skip;
  block(holds ? title : `${title} (skipped: ${otherwise})`, tests);
}
