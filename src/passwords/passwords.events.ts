import { DomainEvent } from '../platform/events/domain-event.ts';

/** Somebody said that they forgot the password of this address; whether there is such a person is still to be seen. */
export class PasswordForgotten extends DomainEvent {
  static override readonly eventName = 'password.forgotten';
  /** @param email sealed: what strangers type is nobody's business */
  constructor(readonly email: string) {
    super();
  }
}

/** The password is another one. Sessions that were opened before end. */
export class PasswordChanged extends DomainEvent {
  static override readonly eventName = 'password.changed';
  /**
   * @param exceptSessionId the session in which it was changed, if it was in one
   * @param at by the clock of the database
   */
  constructor(
    readonly userId: string,
    readonly exceptSessionId: string | null,
    readonly at: string,
  ) {
    super();
  }
}
