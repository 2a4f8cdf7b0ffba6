/** A process that runs the jobs it is sent, one after the other, and answers with what came of each. Its clocks are virtual. */
import { compare } from './compare.ts';
import type { Answer, Job } from './jobs.ts';
import { measureOwn } from './own.ts';
import { takeOverClocks } from './peer.ts';
import { measureStall } from './stall.ts';
import { measureJoins, measureSleeps } from './starts.ts';

async function run(job: Job): Promise<Answer> {
  if (job.type === 'compare') return { type: 'compare', result: await compare(job.options) };
  if (job.type === 'own') return { type: 'own', result: await measureOwn(job.options) };
  if (job.type === 'joins') return { type: 'joins', result: await measureJoins(job.options) };
  if (job.type === 'sleeps') return { type: 'sleeps', result: await measureSleeps(job.options) };
  return { type: 'stall', result: await measureStall(job.options) };
}

takeOverClocks();
process.on('message', async (job: Job) => {
  const answer = await run(job);
  // Nobody waits for it any more where another job failed.
  if (process.connected) process.send?.(answer);
});
