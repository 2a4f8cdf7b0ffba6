/** A process that runs the seeds it is sent, one after the other, and answers with what came of each. */
import { runSeed, type SeedOptions } from '../../test/sim/seeds/run-seed.ts';
import { describeFailure } from '../../test/sim/seeds/shrink-seed.ts';

process.on('message', async (options: SeedOptions) => {
  const { user, system } = process.cpuUsage();
  const result = await runSeed(options);
  const used = process.cpuUsage({ user, system });
  const description = result.failure === undefined ? undefined : await describeFailure(result);
  process.send?.({ result, description, cpuMs: (used.user + used.system) / 1000 });
});
