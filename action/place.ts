import { Problem } from "../core/problem.ts";

/** A place in a file of the workspace, for GitHub to show a message at. Counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A message and where it belongs. */
export interface Mark {
  readonly place: Place;
  readonly message: string;
}

/** A problem whose parts can be shown where they are. */
export class MarkedProblem extends Problem {
  readonly marks: readonly Mark[];

  constructor(problem: Problem, marks: readonly Mark[]) {
    super(problem.code, problem.message, problem.nextStep, { cause: problem.cause });
    this.marks = marks;
  }
}

/** The marks of a problem, if it has any. */
export function marksOf(problem: Problem): readonly Mark[] {
  return problem instanceof MarkedProblem ? problem.marks : [];
}
