/** Why a sign-in ended without an account; told to the application as `signInError`. */
export type SignInRefusal =
  | 'access_denied'
  | 'provider_refused'
  | 'provider_unreachable'
  | 'provider_answer_refused'
  | 'email_not_verified'
  | 'email_domain_refused'
  | 'no_account'
  | 'account_inactive'
  | 'identity_taken'
  | 'plan_limit_reached'
  | 'newcomers_refused';

/** Who a provider says that somebody is. */
export interface Vouched {
  /** Never reused by the provider. */
  subject: string;
  email: string | null;
  /** Whether the provider has proved that the address is theirs. */
  emailVerified: boolean;
  firstName: string;
  lastName: string;
}

/** Where the browser goes, and the cookie that it keeps until it is back; none when it does not go away. */
export interface Departure {
  location: string;
  cookie: { name: string; value: string; secure: boolean; seconds: number } | null;
}

/** How the browser came back. */
export interface Return {
  query: URLSearchParams;
  cookieOf: (name: string) => string | null;
}
