import { Email, NewPassword, Secret } from '../platform/http/fields.ts';

export class ChangePasswordBody {
  @Secret({ max: 128 })
  currentPassword: string;
  @NewPassword()
  newPassword: string;
}

export class ForgotPasswordBody {
  @Email()
  email: string;
}

export class ResetPasswordBody {
  @Secret({ max: 200, description: 'From the mail' })
  token: string;
  @NewPassword()
  password: string;
}
