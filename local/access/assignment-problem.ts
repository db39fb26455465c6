/** A role assignment that Azure does not take, with the error code that it would name. */
export class AssignmentProblem extends Error {
  override readonly name = "AssignmentProblem";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
