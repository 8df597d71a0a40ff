/** Nest applications on both of its HTTP platforms, listening on loopback. */
import { type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type Mounted, over } from '../ops/http/mounts';

export const PLATFORMS = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter(),
} as const;

export type Platform = keyof typeof PLATFORMS;

export interface Running extends Mounted {
  readonly app: INestApplication;
}

export async function run(
  platform: Platform,
  metadata: ModuleMetadata,
  prepare: (app: INestApplication) => void = () => {},
): Promise<Running> {
  const app = await NestFactory.create<NestExpressApplication>(
    moduleOf(metadata),
    PLATFORMS[platform]() as never,
    {
      logger: false,
      abortOnError: false,
    },
  );
  prepare(app);
  await app.listen(0, '127.0.0.1');
  return { app, ...over(app.getHttpServer(), () => app.close()) };
}

export function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class ApplicationModule {}
  return ApplicationModule;
}
