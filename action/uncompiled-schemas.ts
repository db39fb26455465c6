// Comes before all schemas: zod would compile each into a function of its own, which a run that checks each once does not
// get back.
import { config } from "zod";

config({ jitless: true });
