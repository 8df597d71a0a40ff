/**
 * Suites that need a program which a machine may lack. Without the program they are not defined, rather than skipped, and
 * the last line of the run says which did not run and why.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const notRun: string[] = [];

/** Defines the suite if the program is on the PATH; `define` gets the program's path. */
export function describeWith(program: string, title: string, define: (path: string) => void): void {
  const path = findProgram(program);
  if (path !== undefined) {
    describe(title, () => define(path));
    return;
  }
  // At the exit, since mocha's own summary comes after its last hook.
  if (notRun.length === 0) process.once('exit', report);
  notRun.push(`${title} (no ${program} on the PATH)`);
}

export function findProgram(program: string, path = process.env['PATH'] ?? ''): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function report(): void {
  process.stdout.write(`Did not run: ${notRun.join('; ')}.\n`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
