/** Whether a person has a second factor. @param user the id, in SQL */
export function hasSecondFactorSql(user: string): string {
  return `EXISTS (SELECT 1 FROM "@tenant".credentials c
                   WHERE c.user_id = ${user} AND (c.type = 'passkey' OR c.type = 'totp' AND c.confirmed_at IS NOT NULL))`;
}
