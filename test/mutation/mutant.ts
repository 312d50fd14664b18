/** A wall that is taken away, and the test that has to notice. */
export interface Mutant {
  name: string;
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  spec: string;
  /** Full name of the test that must fail. */
  test: string;
}
