import { DomainEvent } from '../platform/events/domain-event.ts';

export class SearchLanguageChanged extends DomainEvent {
  static override readonly eventName = 'search_language.changed';
  constructor(readonly language: string) {
    super();
  }
}
