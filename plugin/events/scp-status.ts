/** SCP Status Change (Table CC.2.4-1): no report of the backlog, so it has no place in its order and is never repeated. */
import { stringifyDataset } from '../dicom/json.ts'
import { scpStatusChange, type ScpStatus } from '../ups/event-reports.ts'
import { GLOBAL_SUBSCRIPTION_UID } from '../ups/tags.ts'
import { type Report, reportOf } from './frames.ts'

export function statusReport(status: ScpStatus): Report {
  const { event, information } = scpStatusChange(status)
  return reportOf(GLOBAL_SUBSCRIPTION_UID, event, stringifyDataset(information))
}
