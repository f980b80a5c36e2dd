/**
 * Where the dictionary of dcmjs is behind PS3.6 in a way that would make us refuse a right dataset or not know a
 * keyword. What it says too generously (a wider VM, "current" for an attribute that was retired since) is left alone.
 */

/** Tag, VRs, VM and keyword as PS3.6 has them. */
type Correction = readonly [tag: string, vrs: string, vm: string, keyword: string]

export const CORRECTIONS: readonly Correction[] = [
  // Retired in dcmjs; CP-1441 gave it to the DICOM Storage Sequence of a workitem (PS3.4 Table CC.2.5-2g).
  ['21000140', 'AE', '1', 'DestinationAE'],

  // Were UT before there was UR; clients of that time are in the field, with cancel requests too.
  ['00081190', 'UR or UT', '1', 'RetrieveURL'],
  ['0040E010', 'UR or UT', '1', 'RetrieveURI'],
  ['0074100A', 'UR or UT', '1', 'ContactURI'],

  // More values are allowed by now.
  ['00089007', 'CS', '4-5', 'FrameType'],
  ['001440A0', 'LO', '1-n', 'ImageQualityIndicatorType'],
  ['001440A1', 'LO', '1-n', 'ImageQualityIndicatorMaterial'],
  ['001440A2', 'LO', '1-n', 'ImageQualityIndicatorSize'],
  ['00189323', 'CS', '1-n', 'ExposureModulationType'],
  ['00620009', 'LO', '1-n', 'SegmentAlgorithmName'],

  // Another VR.
  ['00660040', 'OL', '1', 'LongPrimitivePointIndexList'],
  ['00660041', 'OL', '1', 'LongTrianglePointIndexList'],
  ['00660042', 'OL', '1', 'LongEdgePointIndexList'],
  ['00660043', 'OL', '1', 'LongVertexPointIndexList'],
  ['006862F0', 'SQ', '1', 'ViewOrientationModifierCodeSequence'],
  ['0070150C', 'UL', '1', 'NumberOfVolumetricCurvePoints'],
  ['00760034', 'SQ', '1', 'ComponentTypeCodeSequence'],

  // Another keyword.
  ['00221642', 'UL', '1', 'NumberOfBscansPerFrame'],
  ['0040A803', 'UL', '1', 'NumberOfTableColumns'],
  ['00701305', 'FD', '4', 'Plane'],
  ['00701306', 'FD', '3', 'PlaneNormal'],
  ['300A0131', 'FL', '1', 'AverageBeamDosePointSourceToExternalContourDistance'],
  ['40101029', 'LO', '1-n', 'ThreatDetectionAlgorithmAndVersion'],
]
