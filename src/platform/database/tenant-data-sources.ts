import { LRUCache } from 'lru-cache';
import type { BorrowedClient, TenantBinding } from './lease.ts';
import { TenantDataSource, type TenantTemplate } from './tenant-data-source.ts';

/**
 * The cache of tenant handles: least recently used, bounded, one initialisation however many ask at once. A handle that
 * falls out is forgotten and made again at the next request; requests that hold it finish with it.
 */
export class TenantDataSources {
  readonly #handles: LRUCache<string, Promise<TenantDataSource>>;
  #initialised = 0;

  constructor(
    private readonly template: TenantTemplate,
    private readonly borrow: (binding: TenantBinding) => Promise<BorrowedClient>,
    capacity: number,
  ) {
    this.#handles = new LRUCache({ max: capacity });
  }

  /** How many handles are kept, and how many were ever made. */
  get stats(): { cached: number; initialised: number } {
    return { cached: this.#handles.size, initialised: this.#initialised };
  }

  get(binding: TenantBinding): Promise<TenantDataSource> {
    const known = this.#handles.get(binding.schema);
    if (known) return known;
    const made = this.#initialise(binding);
    this.#handles.set(binding.schema, made);
    // A failed initialisation must not be remembered.
    made.catch(() => this.#handles.delete(binding.schema));
    return made;
  }

  forget(schema: string): void {
    this.#handles.delete(schema);
  }

  async #initialise(binding: TenantBinding): Promise<TenantDataSource> {
    this.#initialised += 1;
    const handle = new TenantDataSource(this.template, binding, this.borrow);
    await handle.initialize();
    return handle;
  }
}
