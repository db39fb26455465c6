/** What the line begins with by which the process tells its parent the ports that it serves. */
export const readyMark = "functions host ready: ";
