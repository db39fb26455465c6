import { parseCondition } from "../../../local/access/condition.ts";

const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const write = `${blobs}/write`;
const path = `${blobs}:path`;
const guid = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

function ask(condition: string, attributes: Record<string, string> = {}, action = write): boolean {
  return parseCondition(condition).isMet({ action, attributes });
}

describe("parseCondition", () => {
  it.each([
    ["flooperapp/*", "flooperapp/1.0.0/a.zip", true],
    ["flooperapp/*", "flooperapp", false],
    ["flooperapp/*", "other/flooperapp/a.zip", false],
    ["flooperapp/*", "FlooperApp/a.zip", false],
    ["a?c", "abc", true],
    ["a?c", "abbc", false],
    ["a.c", "abc", false],
    ["a\\*c", "a*c", true],
    ["a\\*c", "abc", false],
    ["*", "", true],
  ])("takes StringLike '%s' of \"%s\" for %s", (pattern, value, expected) => {
    expect(ask(`@Resource[${path}] StringLike '${pattern}'`, { [path]: value })).toBe(expected);
  });

  it.each([
    ["@Resource[A:x] StringEquals 'v'", { "A:x": "v" }, true],
    ["@Resource[A:x] StringEquals 'v'", { "A:x": "V" }, false],
    ["@Resource[A:x] StringEqualsIgnoreCase 'v'", { "a:X": "V" }, true],
    ["@Resource[A:x] StringStartsWith 'v/'", { x: "v/w" }, true],
    [`@Request[A:x] ForAnyOfAnyValues:GuidEquals {${guid}}`, { x: guid.toUpperCase() }, true],
    [`@Request[A:x] ForAnyOfAnyValues:GuidEquals {${guid.replace("b", "c")}, ${guid}}`, { x: guid }, true],
    ["@Resource[A:x] StringEquals 'v'", {}, false],
    ["!(@Resource[A:x] StringEquals 'v')", {}, true],
    [`ActionMatches{'${blobs}/*'}`, {}, true],
    [`ActionMatches{'${blobs}/read', '${blobs}/write'}`, {}, true],
    [`ActionMatches{'${blobs}/read'}`, {}, false],
  ])("judges %s", (condition, attributes, expected) => {
    expect(ask(condition, attributes)).toBe(expected);
  });

  it.each([
    ["yes OR no AND no", true],
    ["(yes OR no) AND no", false],
    ["!no AND yes", true],
    ["NOT no && (no || yes)", true],
    ["!(yes AND yes)", false],
  ])("binds AND tighter than OR in %s", (shape, expected) => {
    const condition = shape
      .replaceAll("yes", `ActionMatches{'${write}'}`)
      .replaceAll("no", "ActionMatches{'none'}");
    expect(ask(condition)).toBe(expected);
  });

  it.each([
    ["", "ends too early"],
    ["(ActionMatches{'a'}", 'instead of ")"'],
    ["ActionMatches{'a'} ActionMatches{'b'}", "goes on with"],
    ["SubOperationMatches{'Blob.List'}", '"SubOperationMatches" is not supported'],
    ["@Resource[A:x] StringNotLike 'a'", '"StringNotLike" is not supported'],
    ["@Resource[A:x] ForAllOfAllValues:StringEquals {'a'}", '"ForAllOfAllValues" is not supported'],
    ["@Request[A:x] GuidEquals 'abc'", "is not a GUID"],
    ["@Nowhere[A:x] StringEquals 'a'", "where a term was expected"],
    ["@Resource[A:x] StringEquals @Request[A:y]", "where a value was expected"],
  ])("refuses %j loudly", (condition, reason) => {
    expect(() => parseCondition(condition)).toThrow(reason);
  });
});
