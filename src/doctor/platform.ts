/** Processor, C library and Node of this machine. */
import {
  type PlatformFacts,
  type PlatformPart,
  type PlatformProblem,
  platformProblems,
} from '../native/platform.js';
import { type Finding, failure, ok, warning } from './finding.js';

/** One finding each of the processor, the C library and Node. */
export function examinePlatform(facts: PlatformFacts): Finding[] {
  const problems = platformProblems(facts);
  const examine = (part: PlatformPart, fact: string): Finding => {
    const problem: PlatformProblem | undefined = problems.find((candidate) => candidate.part === part);
    if (problem === undefined) return ok(part, fact);
    // An addon that was built here works with any C library: the runtimes' findings say whether it does.
    const finding = part === 'C library' ? warning : failure;
    return finding(part, problem.message, problem.remedy);
  };
  return [
    examine('processor', facts.arch),
    examine('C library', facts.glibc === undefined ? 'of the system' : `glibc ${facts.glibc}`),
    examine('Node', facts.node),
  ];
}
