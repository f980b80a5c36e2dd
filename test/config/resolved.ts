/** What came of resolving a tree, for tests that know which it must be. */
import { expect } from 'chai'
import { resolveConfiguration } from '../../plugin/config/resolve.ts'
import type { ArchiveConfiguration } from '../../plugin/config/configuration.ts'
import type { DeviceTree } from '../../plugin/config/directory.ts'
import type { ConfigurationProblem } from '../../plugin/config/problems.ts'

export function configurationOf(tree: DeviceTree): ArchiveConfiguration {
  const resolved = resolveConfiguration(tree, 'test')
  if (!resolved.ok) expect.fail(JSON.stringify(resolved.problems))
  return resolved.configuration
}

export function problemsOf(tree: DeviceTree): readonly ConfigurationProblem[] {
  const resolved = resolveConfiguration(tree, 'test')
  if (resolved.ok) expect.fail('resolved, although something is wrong')
  return resolved.problems
}
