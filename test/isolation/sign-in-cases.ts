import { INVITATION_PURPOSE } from '../../src/invitations/invitation-mails.service.ts';
import { CHANGE, VERIFICATION } from '../../src/email-addresses/email-mails.service.ts';
import { PASSWORD } from '../support/tenant.ts';
import type { Case } from './cases.ts';
import type { World } from './worlds.ts';

/** Each takes the same record, or the same person's one authenticator app: the next call needs what this one left. */
const ONE_BY_ONE = 1;

const nothing = () => ({});
const names = ({ canary }: World) => ({ firstName: canary, lastName: canary });
const ofMember = (world: World) => ({ params: { id: world.member.id } });
const ofFreshPerson = async (world: World) => ({ params: { id: (await world.freshPerson()).id } });
const ofInvitation = async (world: World) => ({ params: { id: (await world.freshInvitation()).id } });
const ofPasskey = async (world: World) => ({ params: { id: (await world.credentials.passkey()).id } });

async function invited(world: World): Promise<string> {
  const { id } = await world.freshInvitation();
  return world.credentials.oneTime(INVITATION_PURPOSE, undefined, { invitationId: id });
}

async function mailed(world: World, purpose: string): Promise<string> {
  return world.credentials.oneTime(purpose, world.owner.id, { email: world.owner.email });
}

/** The owner without a second factor, so that a password is enough. */
async function plain(world: World): Promise<object> {
  await world.credentials.passwordAlone();
  return { password: PASSWORD };
}

/** How people prove who they are, and come and go. */
export const SIGN_IN_CASES: Record<string, Case> = {
  'POST /api/v1/auth/login': {
    fill: async (world) => ({ body: { email: world.owner.email, ...(await plain(world)) } }),
    volatile: ['version'],
  },
  'POST /api/v1/auth/refresh': {
    fill: async (world) => ({ body: { refreshToken: await world.freshRefreshToken() } }),
    volatile: ['version'],
  },
  'POST /api/v1/auth/logout': { fill: async (world) => ({ body: { refreshToken: await world.freshRefreshToken() } }) },
  'POST /api/v1/auth/revoke': { fill: async (world) => ({ body: { token: await world.freshRefreshToken() } }) },
  'POST /api/v1/auth/logout-all': {
    fill: async (world) => {
      await world.credentials.renew();
      return {};
    },
    batch: ONE_BY_ONE,
  },
  'POST /api/v1/auth/reauthenticate': { fill: async (world) => ({ body: await plain(world) }), batch: ONE_BY_ONE },

  'GET /api/v1/auth/sessions': { fill: nothing },
  'GET /api/v1/auth/sessions/:id': { fill: async (world) => ({ params: { id: await world.idOf('session') } }) },
  'DELETE /api/v1/auth/sessions/:id': {
    fill: async (world) => ({ params: { id: (await world.credentials.session(world.owner.id)).id } }),
  },
  'GET /api/v1/users/:id/sessions': { fill: ofMember },
  'DELETE /api/v1/users/:id/sessions': { fill: ofFreshPerson },
  'DELETE /api/v1/users/:id/lockout': { fill: ofFreshPerson },
  'DELETE /api/v1/users/:id/second-factors': { fill: ofFreshPerson },

  'POST /api/v1/auth/password/change': {
    fill: () => ({ body: { currentPassword: PASSWORD, newPassword: PASSWORD } }),
    batch: ONE_BY_ONE,
  },
  'POST /api/v1/auth/password/forgot': {
    fill: (world) => ({ body: { email: world.owner.email } }),
    visitorsLeave: ['events'],
  },
  'POST /api/v1/auth/password/reset': {
    fill: async (world) => ({ body: { token: await mailed(world, 'password-reset'), password: PASSWORD } }),
    // A new password makes every other link worthless.
    batch: ONE_BY_ONE,
  },

  'POST /api/v1/auth/email/verify': { fill: async (world) => ({ body: { token: await mailed(world, VERIFICATION) } }) },
  'POST /api/v1/users/me/email/verification': { fill: nothing },
  'POST /api/v1/users/me/email': {
    fill: (world) => ({ body: { email: world.freshEmail() } }),
    batch: ONE_BY_ONE,
  },
  'DELETE /api/v1/users/me/email': {
    fill: async (world) => {
      await world.credentials.emailChange(world.freshEmail());
      return {};
    },
    batch: ONE_BY_ONE,
  },
  'POST /api/v1/auth/email/confirm': {
    fill: async (world) => {
      const email = world.freshEmail();
      await world.credentials.emailChange(email);
      return { body: { token: await world.credentials.oneTime(CHANGE, world.owner.id, { side: 'new', email }) } };
    },
    batch: ONE_BY_ONE,
  },

  'GET /api/v1/auth/mfa': { fill: nothing },
  'POST /api/v1/auth/mfa/totp': {
    fill: async (world) => {
      await world.credentials.passwordAlone();
      return {};
    },
    volatile: ['secret', 'uri', 'qr'],
    batch: ONE_BY_ONE,
  },
  'POST /api/v1/auth/mfa/totp/confirm': {
    fill: async (world) => {
      await world.credentials.passwordAlone();
      return { body: { code: await world.credentials.totp(world.owner.id, { confirmed: false }) } };
    },
    volatile: ['recoveryCodes'],
    batch: ONE_BY_ONE,
  },
  'DELETE /api/v1/auth/mfa/totp': {
    fill: async (world) => {
      await world.credentials.totp(world.owner.id, { confirmed: true });
      return {};
    },
    batch: ONE_BY_ONE,
  },
  'POST /api/v1/auth/mfa/recovery-codes': {
    fill: async (world) => {
      await world.credentials.passkey();
      return {};
    },
    volatile: ['recoveryCodes'],
  },
  'POST /api/v1/auth/mfa/totp/verify': {
    fill: async ({ credentials }) => ({
      body: {
        mfaToken: await credentials.secondStep(),
        code: await credentials.totp(credentials.guarded.id, { confirmed: true }),
      },
    }),
    volatile: ['version'],
    batch: ONE_BY_ONE,
  },
  'POST /api/v1/auth/mfa/recovery-codes/verify': {
    fill: async ({ credentials }) => ({
      body: { mfaToken: await credentials.secondStep(), code: await credentials.recoveryCode() },
    }),
    volatile: ['version'],
  },
  'POST /api/v1/auth/mfa/passkeys/options': {
    fill: async ({ credentials }) => ({ body: { mfaToken: await credentials.secondStep() } }),
  },
  'POST /api/v1/auth/mfa/passkeys/verify': {
    fill: async ({ credentials }) => {
      const shown = await credentials.shownPasskey(credentials.guarded.id);
      return { body: { mfaToken: await credentials.secondStep(), ...shown } };
    },
    volatile: ['version'],
    usesUp: 'tokens',
    batch: ONE_BY_ONE,
  },

  'GET /api/v1/auth/passkeys': { fill: nothing },
  'POST /api/v1/auth/passkeys': {
    fill: async (world) => ({ body: { ...(await world.credentials.newPasskey()), name: world.canary } }),
    volatile: ['recoveryCodes'],
  },
  'PATCH /api/v1/auth/passkeys/:id': {
    fill: async (world) => ({ ...(await ofPasskey(world)), body: { name: world.canary } }),
  },
  'DELETE /api/v1/auth/passkeys/:id': { fill: ofPasskey },
  'POST /api/v1/auth/passkeys/registration-options': {
    fill: async (world) => {
      await world.credentials.passwordAlone();
      return {};
    },
    batch: ONE_BY_ONE,
  },
  'POST /api/v1/auth/passkeys/options': { fill: nothing, visitorsLeave: ['tokens'] },
  'POST /api/v1/auth/passkeys/sign-in': {
    fill: async ({ credentials }) => ({ body: await credentials.shownPasskey() }),
    volatile: ['version'],
    usesUp: 'tokens',
    batch: ONE_BY_ONE,
  },

  'GET /api/v1/tenants/current/security': { fill: nothing },
  'PATCH /api/v1/tenants/current/security': {
    fill: async (world) => ({
      body: { secondFactor: 'optional' },
      ifMatch: await world.etagOf('settings', 'security', 'key'),
    }),
    volatile: ['version'],
    batch: ONE_BY_ONE,
  },
  // Of what was done alone: each probe that is refused is an event itself.
  'GET /api/v1/tenants/current/audit-log': { fill: () => ({ query: [['outcome', 'done']] }) },
  'GET /api/v1/tenants/current/audit-log/:id': {
    fill: async (world) => ({ params: { id: await world.idOf('audit_event') } }),
  },

  'GET /api/v1/invitations': { fill: nothing },
  'POST /api/v1/invitations': {
    fill: (world) => ({ body: { email: world.freshEmail(), roles: [world.roleKey] } }),
  },
  'GET /api/v1/invitations/:id': { fill: (world) => ({ params: { id: world.invitation.id } }) },
  'POST /api/v1/invitations/:id/resend': { fill: ofInvitation, volatile: ['version'] },
  'DELETE /api/v1/invitations/:id': { fill: ofInvitation },
  'POST /api/v1/invitations/preview': { fill: async (world) => ({ body: { token: await invited(world) } }) },
  'POST /api/v1/invitations/accept': {
    fill: async (world) => ({ body: { token: await invited(world), ...names(world), password: PASSWORD } }),
    volatile: ['version'],
  },
};
