/** The HTTP interface of the platform. One route is cached by a decorator of its own, beside Nest's. */
import { Body, Controller, Get, Param, ParseIntPipe, Post, Put, Query } from '@nestjs/common';
import { Cacheable } from 'tiercel';
import { MarketData } from './market-data';
import { FeedService } from './services/feed-service';
import { PriceService } from './services/price-service';
import { ProviderService } from './services/provider-service';

@Controller()
export class PlatformController {
  constructor(
    private readonly feeds: FeedService,
    private readonly providers: ProviderService,
    private readonly prices: PriceService,
    private readonly data: MarketData,
  ) {}

  @Get('feed/:userId')
  feed(@Param('userId') userId: string, @Query('cursor') cursor?: string) {
    return this.feeds.getUserFeed(userId, cursor);
  }

  @Post('feed/:userId/copies/:signalId')
  copy(@Param('userId') userId: string, @Param('signalId', ParseIntPipe) signalId: number) {
    return this.feeds.copySignal(userId, signalId);
  }

  @Post('signals')
  publish(@Body('providerId') providerId: string) {
    return this.feeds.publish(providerId);
  }

  @Get('providers/:id/stats')
  stats(@Param('id') id: string) {
    return this.providers.getProviderStats(id);
  }

  @Put('providers/:id/stats')
  updateStats(@Param('id') id: string, @Body('winRate', ParseIntPipe) winRate: number) {
    return this.providers.updateProviderStats(id, winRate);
  }

  @Get('prices/:assetPair')
  price(@Param('assetPair') assetPair: string) {
    return this.prices.getPrice(assetPair);
  }

  @Put('prices/:assetPair')
  updatePrice(@Param('assetPair') assetPair: string, @Body('price', ParseIntPipe) price: number) {
    return this.prices.updatePrice(assetPair, price);
  }

  @Cacheable('leaderboard:top', { ttl: 'leaderboard' })
  @Get('leaderboard')
  async leaderboard() {
    const stats = await Promise.all(['1', '2', '3'].map((id) => this.data.stats(id)));
    return stats.sort((a, b) => b.winRate - a.winRate);
  }
}
