/** An expression of Bicep, as far as this repository's templates use the language. */
export type Expression =
  | { readonly kind: "value"; readonly value: string | number | boolean | null }
  | { readonly kind: "text"; readonly parts: readonly Expression[] }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "array"; readonly items: readonly Expression[] }
  | { readonly kind: "object"; readonly entries: readonly Entry[]; readonly nested: readonly Declaration[] }
  | { readonly kind: "member"; readonly of: Expression; readonly name: string; readonly isSafe: boolean }
  | { readonly kind: "index"; readonly of: Expression; readonly at: Expression }
  | { readonly kind: "child"; readonly of: Expression; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: "lambda"; readonly parameters: readonly string[]; readonly body: Expression }
  | { readonly kind: "not"; readonly of: Expression }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "choice";
      readonly when: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | {
      readonly kind: "for";
      readonly item: string;
      readonly index: string | undefined;
      readonly over: Expression;
      readonly condition: Expression | undefined;
      readonly body: Expression;
    };

export type Entry = { readonly key: Expression; readonly value: Expression };

/** A decorator such as `@allowed(['a'])`. */
export type Decorator = { readonly name: string; readonly arguments: readonly Expression[] };

/** A line of a template that declares something. */
export type Declaration =
  | {
      readonly kind: "param";
      readonly name: string;
      readonly type: string;
      readonly standard: Expression | undefined;
      readonly decorators: readonly Decorator[];
    }
  | { readonly kind: "var"; readonly name: string; readonly value: Expression }
  | { readonly kind: "output"; readonly name: string; readonly value: Expression }
  | { readonly kind: "type"; readonly name: string }
  | { readonly kind: "metadata"; readonly name: string; readonly value: Expression }
  | { readonly kind: "targetScope"; readonly value: string }
  | {
      readonly kind: "resource" | "module";
      readonly name: string;
      /** `Microsoft.X/y@version`, or a module's path. */
      readonly what: string;
      readonly isExisting: boolean;
      readonly condition: Expression | undefined;
      readonly body: Expression;
    };

/** A template as it is written. */
export type Template = {
  readonly declarations: readonly Declaration[];
  /** How often each name is used, for the rule against what nobody uses. */
  readonly used: ReadonlySet<string>;
};
