/** PS3.18 11.5 Retrieve Workitem. */
import { writeDatasetXml } from '../dicom/xml-write.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { type Call, requirePathUid } from './call.ts'
import { answerMultipart, answerText } from './dataset-answer.ts'
import { DicomRefusal } from './dicom-refusal.ts'
import { negotiate, RETRIEVE_OFFERS } from './negotiate.ts'

export async function retrieveWorkitem(call: Call): Promise<void> {
  const { ctx, query, service } = call
  const uid = requirePathUid(ctx)
  const offer = negotiate(ctx, query, RETRIEVE_OFFERS)
  const retrieved = await service.desk().store.retrieve(uid)
  if (retrieved.is !== 'there') throw new DicomRefusal(retrieved.is === 'deleted' ? 'gone' : 'notFound')
  if (offer.format === 'json') answerText(ctx, offer.type, `[${retrieved.json}]`)
  else {
    const xml = writeDatasetXml(storedDataset(retrieved.json))
    if (offer.format === 'single xml') answerText(ctx, offer.type, xml)
    else answerMultipart(ctx, xml)
  }
}
