/**
 * Whether the values of a dataset keep to their VR (PS3.5 6.2) and VM (PS3.6 chapter 6). Empty values are always right
 * here: whether one must be filled is a matter of the attribute's type.
 */
import { itemsOfAttribute } from './attribute-value.ts'
import type { Attribute, Dataset, Path, Tag } from './dataset.ts'
import { lookupTag, type Vm } from './dictionary.ts'
import type { DatasetProblem } from './parsed.ts'
import { ProblemList } from './problem-list.ts'
import { VR_RULES } from './vr-rules.ts'
import type { VR } from './vr.ts'

/** Every attribute at any depth that has a value not right for its VR, or too few or too many values. */
export function checkValues(dataset: Dataset): readonly DatasetProblem[] {
  const problems = new ProblemList()
  checkDataset(dataset, '', problems)
  return problems.problems
}

/** The same for one attribute and what is inside it. */
export function checkAttribute(tag: Tag, attribute: Attribute, path: Path = tag): readonly DatasetProblem[] {
  const problems = new ProblemList()
  check(tag, attribute, path, problems)
  return problems.problems
}

function checkDataset(dataset: Dataset, path: Path, problems: ProblemList): void {
  for (const tag of Object.keys(dataset)) {
    const attribute = dataset[tag]
    if (attribute?.Value !== undefined) check(tag, attribute, path === '' ? tag : `${path}.${tag}`, problems)
  }
}

function check(tag: Tag, attribute: Attribute, path: Path, problems: ProblemList): void {
  if (attribute.vr === 'SQ') {
    // Items are not counted: the VM of a sequence is 1 whatever is in it (PS3.5 6.4).
    for (const item of itemsOfAttribute(attribute)) checkDataset(item, path, problems)
    return
  }
  const values = attribute.Value ?? []
  const { holds, expected } = VR_RULES[attribute.vr]
  const right = values.every((value) => value === null || value === '' || holds(value))
  if (!right) problems.invalid(path, `expected ${expected}`)
  const vm = vmOf(tag, attribute.vr)
  if (vm !== undefined && values.length > 0 && !allows(vm, values.length)) {
    problems.invalid(path, `expected ${vm.text} ${vm.text === '1' ? 'value' : 'values'}, found ${values.length}`)
  }
}

/** Undefined where any number of values is right. */
const vmOf = (tag: Tag, vr: VR): Vm | undefined => lookupTag(tag)?.vm ?? (SINGLE_VALUED.has(vr) ? ONE : undefined)

/** In these the backslash is an ordinary character, so there is no way to write several values (PS3.5 6.4). */
const SINGLE_VALUED: ReadonlySet<VR> = new Set(['LT', 'ST', 'UR', 'UT'])
const ONE: Vm = { text: '1', min: 1, max: 1, step: 1 }

const allows = (vm: Vm, count: number): boolean =>
  count >= vm.min && count <= vm.max && (count - vm.min) % vm.step === 0
