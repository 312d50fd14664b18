import type { ErrorDetail } from '../errors/app-error.ts';

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  requestId: string;
  error: { code: string; message: string; details: ErrorDetail[] };
}

/** Bytes of an answer that tells of an error, whatever was sent. */
const MOST_BYTES = 16 * 1024;
/** Characters of its sentence, and of each other text: many repeat what was sent. The second pair is for what takes many bytes a character. */
const MOST_CHARACTERS = [
  { sentence: 2_000, text: 500 },
  { sentence: 700, text: 250 },
];

/** The same with as many details and as much of its texts as an error may have; it says when details are left out. */
export function boundedProblem(problem: Problem, mostDetails: number): Problem {
  const all = problem.error.details;
  for (const most of MOST_CHARACTERS) {
    for (let count = Math.min(all.length, mostDetails); count >= Math.min(all.length, 1); count -= 1) {
      const bounded = withDetails(problem, all.slice(0, count), most);
      if (Buffer.byteLength(JSON.stringify(bounded)) <= MOST_BYTES) return bounded;
    }
  }
  throw new Error('the bounds of characters leave more bytes than an error may have');
}

function withDetails(
  problem: Problem,
  details: readonly ErrorDetail[],
  most: { sentence: number; text: number },
): Problem {
  const { error, detail, instance } = problem;
  const isWhole = details.length === error.details.length;
  const more = isWhole ? '' : ` (${details.length} problems are listed, and there are more.)`;
  return {
    ...problem,
    detail: cut(detail, most.sentence) + more,
    instance: cut(instance, most.text),
    error: {
      ...error,
      message: cut(error.message, most.sentence) + more,
      details: details.map(({ pointer, code, message }) => ({
        pointer: cut(pointer, most.text),
        code,
        message: cut(message, most.text),
      })),
    },
  };
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;
}
