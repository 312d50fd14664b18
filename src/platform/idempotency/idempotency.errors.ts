import { AppError, InvalidInput } from '../errors/app-error.ts';

export class WrongIdempotencyKey extends InvalidInput {
  constructor() {
    super([
      {
        pointer: 'Idempotency-Key',
        code: 'idempotency_key',
        message: 'Idempotency-Key must be 1 to 255 printable ASCII characters, such as a UUID.',
      },
    ]);
  }
}

export class IdempotencyUnsupported extends InvalidInput {
  constructor() {
    super([
      {
        pointer: 'Idempotency-Key',
        code: 'idempotency_unsupported',
        message:
          'This route cannot be repeated by key: it takes a file, judges a password or code, or nobody is signed in on it. Leave the header out.',
      },
    ]);
  }
}

export class RequestInFlight extends AppError {
  constructor() {
    super(
      'conflict',
      'request_in_flight',
      'A request with this Idempotency-Key is being worked on. Try again in a moment.',
      {
        retryAfter: 1,
      },
    );
  }
}

export class IdempotencyKeyReused extends AppError {
  constructor() {
    super(
      'mismatched',
      'idempotency_key_reused',
      'Another request was made with this Idempotency-Key. Use a new key for each thing to be done.',
    );
  }
}

export class AnswerLost extends AppError {
  constructor() {
    super(
      'conflict',
      'answer_lost',
      'The request with this Idempotency-Key was carried out, and its answer cannot be read any more. Look at what it made.',
    );
  }
}
