/** Why something did not go as wished, told so that a person can act on it. Plain data: it travels in reports. */
export interface Reason {
  /** Kebab-case, stable: what scripts may branch on. */
  readonly code: string;
  /** What happened, where, and what was expected; values are quoted. */
  readonly message: string;
  /** What to do about it. */
  readonly nextStep: string;
}

/** A {@link Reason} that is thrown. Only the two `main.ts` turn it into an exit. */
export class Problem extends Error implements Reason {
  override readonly name = "Problem";
  readonly code: string;
  readonly nextStep: string;

  constructor(code: string, message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.nextStep = nextStep;
  }
}

/** The plain data of a problem, for reports and orchestration values. */
export function reasonOf(problem: Reason): Reason {
  return { code: problem.code, message: problem.message, nextStep: problem.nextStep };
}

/** The problem that a reason tells of, to be thrown. */
export function problemFrom(reason: Reason, options?: ErrorOptions): Problem {
  return new Problem(reason.code, reason.message, reason.nextStep, options);
}
