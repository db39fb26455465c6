/** The description of role assignments that the pipeline made: others are used but never deleted. */
export const ROLE_MARK = "Made by the VM application pipeline; it takes it away again.";
