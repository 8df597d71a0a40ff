/** Keeps requests from other machines away from the cache's endpoints, which are for operators. */
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

@Injectable()
export class LoopbackGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { socket } = context.switchToHttp().getRequest<{ socket: { remoteAddress?: string } }>();
    return LOOPBACK.has(socket.remoteAddress ?? '');
  }
}
