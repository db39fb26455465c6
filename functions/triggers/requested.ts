import { Problem, reasonOf } from "../../core/problem.ts";
import { HttpProblem } from "./http-answers.ts";

/** What a request asks for; a problem that `parse` finds in it is the caller's. */
export function asRequested<Input, Output>(parse: (input: Input) => Output, input: Input): Output {
  try {
    return parse(input);
  } catch (error) {
    throw error instanceof Problem ? new HttpProblem(400, reasonOf(error)) : error;
  }
}
