/** An error as Azure's services write it. */
export type ArmError = {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly ArmError[];
};

/** What Resource Manager sends back for one request. */
export type ArmAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Lists come on one line, everything else is spread over lines that end in CRLF. */
  readonly layout?: "compact";
};

/** Something that was asked for and refused, where success has a value of its own. */
export type Refused = { readonly refusal: ArmAnswer };

/** An answer that carries an error. */
export function refuse(
  status: number,
  error: ArmError,
  headers?: Readonly<Record<string, string>>,
): ArmAnswer {
  return { status, body: { error }, ...(headers && { headers }) };
}

/** A refusal that compute's galleries give for a wrong value. */
export function invalidParameter(message: string, target?: string): ArmAnswer {
  return refuse(400, { code: "InvalidParameter", message, ...(target !== undefined && { target }) });
}

/** A refusal because something else is going on with the same resource. */
export function conflict(code: string, message: string, target?: string): ArmAnswer {
  return refuse(409, { code, message, ...(target !== undefined && { target }) });
}

/** A list, all on one page. */
export function listAnswer(value: readonly unknown[]): ArmAnswer {
  return { status: 200, body: { value }, layout: "compact" };
}

/** The body's bytes as they go over the wire. */
export function answerText(answer: ArmAnswer): string {
  if (answer.body === undefined) return "";
  if (answer.layout === "compact") return JSON.stringify(answer.body);
  return JSON.stringify(answer.body, undefined, 2).replaceAll("\n", "\r\n");
}
