import { createHmac } from "node:crypto";

/**
 * The header by which a receiver knows that the pipeline sent a body, and when: `t=<seconds since 1970>,v1=<hex>`, where
 * the second is HMAC-SHA256 over `<t>.<body>`.
 */
export function signatureHeader(secret: string, body: string, seconds: number): string {
  const signature = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return `t=${seconds},v1=${signature}`;
}
