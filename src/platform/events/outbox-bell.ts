import { Injectable } from '@nestjs/common';

/** Tells the relay of this process that something was committed; other processes find it at their next look. */
@Injectable()
export class OutboxBell {
  #listener: () => void = () => undefined;

  ring(): void {
    this.#listener();
  }

  onRing(listener: () => void): void {
    this.#listener = listener;
  }
}
