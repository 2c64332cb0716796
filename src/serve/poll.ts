/**
 * Runs a task again and again, `milliseconds` after it has ended the last time, until the returned function is called. Polling instead of
 * `fs.watch`: on a mounted Secret or ConfigMap, where a symbolic link is swapped, a watch fires once and never again.
 */
export function poll(milliseconds: number, task: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      task().catch(failed).finally(schedule);
    }, milliseconds);
    timer.unref();
  };
  schedule();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
