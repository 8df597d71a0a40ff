/**
 * The checker's handles of its processes. They are started once and serve many trials, since starting Node costs seconds.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import type { Answer, HalfDone, HalfDoneWrite, Order, Survey } from './orders';

const EXTENSION = extname(__filename);

export class InstanceHandle {
  readonly #process: ChildProcess;
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  #ended: Error | undefined;

  constructor() {
    this.#process = fork(join(__dirname, `instance-process${EXTENSION}`), {
      execArgv: EXTENSION === '.ts' ? ['-r', join(__dirname, '../support/transpile.cjs')] : [],
      serialization: 'advanced',
    });
    this.#process.on('message', (answer: Answer) => this.#settle?.resolve(answer));
    this.#process.on('exit', (code, signal) => {
      this.#ended = new Error(`a process of the service has ended with ${code ?? signal}`);
      this.#settle?.reject(this.#ended);
    });
  }

  async tell(order: Exclude<Order, { do: 'survey' | 'hang' }>): Promise<void> {
    await this.#ask(order);
  }

  async survey(): Promise<Survey> {
    return (await this.#ask({ do: 'survey' })) as Answer & Survey;
  }

  async hang(key: number, how: HalfDone): Promise<HalfDoneWrite> {
    return (await this.#ask({ do: 'hang', key, how })) as Answer & HalfDoneWrite;
  }

  /** The whole process stands still: its timers are late when it goes on. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  resume(): void {
    this.#process.kill('SIGCONT');
  }

  end(): void {
    this.#process.removeAllListeners('exit');
    this.#process.kill('SIGKILL');
  }

  #ask(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#settle = { resolve, reject };
      this.#process.send(order);
    });
  }
}
