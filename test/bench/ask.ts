import type { ChildProcess } from 'node:child_process';

/** The next message of a process of the benchmark, after one to it where one is given. Rejects when the process ends instead. */
export function ask<T>(child: ChildProcess, message?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      reject(new Error('a process of the benchmark ended'));
    };
    child.once('message', (answer) => {
      child.off('exit', ended);
      resolve(answer as T);
    });
    child.once('exit', ended);
    if (message !== undefined) child.send(message);
  });
}
