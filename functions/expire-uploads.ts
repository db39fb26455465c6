import { submissionReportPath } from "../core/naming.ts";
import {
  applicationOfOpenUploads,
  expiredReport,
  openUploadsText,
  parseOpenUploads,
  sortedByExpiry,
} from "../core/open-uploads.ts";
import { reportText } from "../core/report.ts";
import type { Reports } from "./ports.ts";

/**
 * Gives up the submissions that were opened through the endpoints and not committed in time: each gets a report, and
 * counts no longer. Their bytes go with everything else in the drop box. Gives how many there were.
 */
export async function expireUploads(reports: Reports, at: string): Promise<number> {
  let count = 0;
  for (const { path } of await reports.listAll()) {
    const application = applicationOfOpenUploads(path);
    const found = application === undefined ? undefined : await reports.read(path);
    if (application === undefined || !found) continue;
    const { expired, others } = sortedByExpiry(parseOpenUploads(found.text), at);
    if (expired.length === 0) continue;
    for (const entry of expired) {
      const report = expiredReport(application, entry, at);
      // One that is there already tells what became of it.
      await reports.write(submissionReportPath(report), reportText(report), undefined);
    }
    // Somebody may open another at this moment: the next look finds the rest.
    await reports.write(path, openUploadsText(others), found.etag);
    count += expired.length;
  }
  return count;
}
