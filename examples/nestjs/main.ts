/**
 * Starts the application, lets the scenario drive it over HTTP, prints what it found beside the document's words, and
 * ends. With `--serve` it goes on, for a look at the dashboard. Exit code 1 if something did not come out as described.
 */
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { NestFactory } from '@nestjs/core';
import { Terminal } from '../signals/report/terminal';
import { findSecondTier } from '../signals/second-tier';
import { AppModule } from './app-module';
import { cacheConfig } from './cache.config';
import { Client } from './client';
import { MarketData } from './market-data';
import { type Options, readOptions, USAGE } from './options';
import { type Finding, Scenario } from './scenario';

async function run({ serve, port }: Options, terminal: Terminal): Promise<number> {
  terminal.line(terminal.styled('bold', 'tiercel: a Nest application'));
  const secondTier = await findSecondTier();
  const namespace = `${cacheConfig.namespace}-${process.pid}-${Date.now().toString(36)}`;
  const token = process.env['CACHE_TOKEN'] || randomBytes(12).toString('hex');
  try {
    const module = AppModule.in({ namespace, redisUrl: secondTier.url, token });
    const app = await NestFactory.create(module, { logger: ['error', 'warn'] });
    try {
      await app.listen(port, '127.0.0.1');
      const base = (await app.getUrl()).replace('[::1]', '127.0.0.1');
      terminal.line();
      terminal.fact('L2', secondTier.description);
      terminal.fact('Listening', base);
      terminal.heading('What the strategy document says, and what happens');
      const scenario = new Scenario(new Client(base, token), app.get(MarketData));
      let failed = 0;
      for await (const finding of scenario.run()) {
        print(terminal, finding);
        if (finding.holds === false) failed += 1;
      }
      if (serve) await untilInterrupted(terminal, `${base}/cache`, token);
      return failed === 0 ? 0 : 1;
    } finally {
      await app.close();
    }
  } finally {
    await secondTier.end(namespace);
  }
}

function print(terminal: Terminal, { claim, document, here, holds }: Finding): void {
  const mark =
    holds === undefined ? ' ' : holds ? terminal.styled('green', '✓') : terminal.styled('red', '✗');
  terminal.line(`  ${mark} ${claim.padEnd(38)}${terminal.styled('dim', document.padEnd(24))}${here}`);
}

async function untilInterrupted(terminal: Terminal, dashboard: string, token: string): Promise<void> {
  terminal.heading('Serving until Ctrl+C');
  terminal.fact('Dashboard', dashboard);
  terminal.fact('Token', token);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options !== undefined) return run(options, new Terminal());
  process.stderr.write(USAGE);
  return 2;
}

void main().then((code) => {
  process.exitCode = code;
});
