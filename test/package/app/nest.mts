/** A Nest application, compiled against the installed package. */
import { Module } from '@nestjs/common';
import type { TiercelCache } from 'tiercel';
import { InjectCache, TiercelModule } from 'tiercel/nestjs';

export class ImportService {
  constructor(@InjectCache() readonly cache: TiercelCache) {}
}

@Module({
  imports: [
    TiercelModule.forRoot({ namespace: 'app' }, { http: { token: process.env['TOKEN'] } }),
    TiercelModule.forRootAsync({
      inject: ['SETTINGS'],
      useFactory: (settings: { readonly namespace: string }) => settings,
    }),
  ],
  providers: [ImportService],
})
export class ApplicationModule {}

// @ts-expect-error: not an option of the endpoints.
TiercelModule.forRoot({}, { http: { tokens: 'x' } });
