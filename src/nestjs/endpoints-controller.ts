/**
 * The HTTP endpoints as a controller, so that Nest's guards, prefixes and middleware apply to them. It finds routes and
 * passes bodies; what is answered is the http room's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  All,
  type CanActivate,
  Controller,
  Inject,
  Req,
  Res,
  type Type,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { Endpoints } from '../ops/http/endpoints';
import { routedRequest, sendToNode } from '../ops/http/node-transport';
import { ROUTES } from '../ops/http/routes';

/** Express' request is Node's; Fastify's holds it. */
interface PlatformRequest {
  readonly raw?: IncomingMessage;
  readonly body?: unknown;
}

interface PlatformResponse {
  readonly raw?: ServerResponse;
  /** Fastify: the answer is given on `raw`. */
  hijack?(): unknown;
}

/** Of `@nestjs/swagger`: endpoints for operators are no part of an application's API. */
const SWAGGER_EXCLUDE = 'swagger/apiExcludeController';

/** A class of its own for each module: its path and guards are metadata of the class. */
export function endpointsController(
  path: string,
  guards: readonly (Type<CanActivate> | CanActivate)[],
): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class CacheEndpointsController {
    constructor(@Inject(Endpoints) readonly endpoints: Endpoints) {}
  }
  Reflect.defineMetadata(SWAGGER_EXCLUDE, [true], CacheEndpointsController);

  for (const route of Object.keys(ROUTES)) {
    const descriptor = {
      async value(
        this: CacheEndpointsController,
        request: PlatformRequest,
        response: PlatformResponse,
      ): Promise<void> {
        const req = request.raw ?? (request as IncomingMessage);
        const res = response.raw ?? (response as ServerResponse);
        const answer = await this.endpoints.answer(routedRequest(req, route, request.body));
        response.hijack?.();
        sendToNode(req, res, answer);
      },
    };
    const { prototype } = CacheEndpointsController;
    const name = route === '' ? 'dashboard' : route.slice(1).replaceAll('/', '-');
    Object.defineProperty(prototype, name, descriptor);
    // Every method: which of them an endpoint takes is its own to say, with 405.
    All(route)(prototype, name, descriptor);
    Req()(prototype, name, 0);
    Res()(prototype, name, 1);
  }
  return CacheEndpointsController;
}
