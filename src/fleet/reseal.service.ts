import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SEALED_REPLICA_URL, SEALED_URL } from '../clusters/clusters.types.ts';
import { SEALED_OPERATOR_TOTP, SEALED_PENDING_OPERATOR_TOTP } from '../operators/operators.types.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import type { SealedColumn } from '../platform/crypto/sealed-column.ts';
import { LOGIN_SECRET } from '../platform/database/database-logins.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { SEALED_TOTP } from '../second-factors/second-factors.types.ts';
import { SEALED_CLIENT_SECRET } from '../sign-in-providers/sign-in-providers.types.ts';
import { SEALED_SIGNING_KEY } from '../signing-keys/signing-keys.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';

const OF_TENANTS: SealedColumn[] = [SEALED_TOTP, SEALED_CLIENT_SECRET];
const OF_THE_REGISTRY: SealedColumn[] = [
  SEALED_URL,
  SEALED_REPLICA_URL,
  SEALED_OPERATOR_TOTP,
  SEALED_PENDING_OPERATOR_TOTP,
];

export interface Resealing {
  /** Secrets that are now sealed with ENCRYPTION_KEY and were not before. */
  resealed: number;
  /** Those that neither key opens, such as a copy that came from another organisation. They were of no use before. */
  unreadable: number;
  /** Organisations that could not be reached. While there are any, the other key is still needed. */
  failed: { slug: string; reason: string }[];
  /** Those that the operator has left out: what they have stays sealed with the other key. */
  leftOut: string[];
}

type Run = (sql: string, parameters: unknown[]) => Promise<Row[]>;
interface Row {
  id: string;
  sealed: string;
}

/**
 * Seals every secret anew with ENCRYPTION_KEY, row by row, each in one statement that changes nothing if the row was
 * changed meanwhile: it can be ended at any moment and begun again, beside instances that are serving.
 */
@Injectable()
export class Reseal {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly box: SecretBox,
    private readonly tenants: TenantsService,
    private readonly contexts: TenantContexts,
  ) {}

  /**
   * @param except slugs that are left out, because what they have is lost: the other key is then not needed for them
   * @throws OperatorError for a slug that nobody has
   */
  async run(
    onProgress: (done: number, total: number, slug: string) => void,
    except: string[] = [],
  ): Promise<Resealing> {
    const outcome: Resealing = { resealed: 0, unreadable: 0, failed: [], leftOut: except };
    const all = await this.tenants.list();
    const unknown = except.find((slug) => !all.some((tenant) => tenant.slug === slug));
    if (unknown !== undefined)
      throw new OperatorError(`There is no tenant ${unknown}. projectflow tenant list shows them all.`);
    const tenants = all.filter(({ status, slug }) => status !== 'provisioning' && !except.includes(slug));
    for (const [done, tenant] of tenants.entries()) {
      onProgress(done, tenants.length, tenant.slug);
      await this.#tenant(tenant, outcome).catch((error: unknown) =>
        outcome.failed.push({ slug: tenant.slug, reason: error instanceof Error ? error.message : String(error) }),
      );
    }
    onProgress(tenants.length, tenants.length, '');
    const run: Run = (sql, parameters) => this.registry.query(sql, parameters);
    for (const column of OF_THE_REGISTRY) await this.#column(run, column, '', outcome);
    await this.#loginSecret(outcome);
    // Last of all, and only when nothing is left: a start asks them whether the other key is still needed.
    if (outcome.failed.length === 0) await this.#column(run, SEALED_SIGNING_KEY, '', outcome);
    return outcome;
  }

  async #tenant(tenant: Tenant, outcome: Resealing): Promise<void> {
    const ctx = await this.contexts.open(tenant);
    for (const column of OF_TENANTS) {
      const table = `"@tenant".${column.table}`;
      await this.#column((sql, parameters) => ctx.query(sql, parameters), { ...column, table }, tenant.id, outcome);
    }
  }

  async #column(
    run: Run,
    { table, id, column, where = 'true', place }: SealedColumn,
    tenantId: string,
    outcome: Resealing,
  ): Promise<void> {
    const rows = await run(
      `SELECT ${id} AS id, ${column} AS sealed FROM ${table} WHERE ${where} AND split_part(${column}, '.', 2) <> $1`,
      [this.box.keyId],
    );
    for (const row of rows) {
      const sealed = this.#again(row.sealed, place(row.id, tenantId), outcome);
      if (sealed === null) continue;
      await run(`UPDATE ${table} SET ${column} = $1 WHERE ${where} AND ${id} = $2 AND ${column} = $3`, [
        sealed,
        row.id,
        row.sealed,
      ]);
    }
  }

  async #loginSecret(outcome: Resealing): Promise<void> {
    const rows = await this.registry.query<Row[]>(
      `SELECT key AS id, value #>> '{}' AS sealed FROM public.system_settings
        WHERE key = $1 AND split_part(value #>> '{}', '.', 2) <> $2`,
      [LOGIN_SECRET.key, this.box.keyId],
    );
    const sealed = rows[0] && this.#again(rows[0].sealed, LOGIN_SECRET.place, outcome);
    if (sealed)
      await this.registry.query(
        'UPDATE public.system_settings SET value = to_jsonb($1::text) WHERE key = $2 AND value = to_jsonb($3::text)',
        [sealed, LOGIN_SECRET.key, rows[0]!.sealed],
      );
  }

  #again(sealed: string, place: string, outcome: Resealing): string | null {
    try {
      const again = this.box.seal(this.box.open(sealed, place), place);
      outcome.resealed += 1;
      return again;
    } catch {
      outcome.unreadable += 1;
      return null;
    }
  }
}
