/** Where sealed secrets are kept, told by the module that keeps them: so they are found when the key is changed. */
export interface SealedColumn {
  table: string;
  /** The column that names the row. */
  id: string;
  column: string;
  /** Which rows of the table have it, in SQL; all when not given. */
  where?: string;
  /** What SecretBox is told when it seals and opens. @param tenantId whose table it is; of no meaning in the registry */
  place: (id: string, tenantId: string) => string;
}
