/** A process that measures the task it is sent, answers and ends. */
import { measure, type Task } from './measure.ts';

process.once('message', async (task: Task) => {
  const figures = await measure(task);
  process.send?.(figures, () => process.exit(0));
});
