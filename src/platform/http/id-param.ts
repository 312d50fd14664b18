import { Param } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { InvalidInput } from '../errors/app-error.ts';

/** A path parameter that is a UUID. */
export const IdParam = (name = 'id') =>
  Param(name, {
    transform(value: string): string {
      if (isUUID(value)) return value.toLowerCase();
      throw new InvalidInput([{ pointer: `:${name}`, code: 'uuid', message: `${name} must be a UUID.` }]);
    },
  });
