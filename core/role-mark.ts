/** The description of role assignments that the pipeline made: others are used but never deleted. */
export const ROLE_MARK = "Made by the VM application pipeline; it takes it away again.";

/** The description of role assignments that a probe of the doctor's made, each for a gallery of its own. */
export const PROBE_MARK = "Made by a probe of the VM application doctor; it takes it away again.";
