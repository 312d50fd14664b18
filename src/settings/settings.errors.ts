import { AppError } from '../platform/errors/app-error.ts';

export class UnknownSetting extends AppError {
  constructor(key: string, known: string[]) {
    super('missing', 'setting_unknown', `There is no setting ${key}. There are: ${known.join(', ')}.`);
  }
}

export class SettingRefused extends AppError {
  constructor(key: string, wanted: string) {
    super('invalid', 'setting_refused', `${key} must be ${wanted}.`);
  }
}
