import {
  Column,
  DeleteDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  JoinColumn,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  VersionColumn,
  type MigrationInterface,
  type QueryRunner,
  type Relation,
} from 'typeorm';

/** A schema with every kind of relation, for tests of the engine: the product's own entities keep ids instead. */
@Entity({ schema: '@tenant', name: 'authors' })
export class Author {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @OneToMany(() => Book, (book) => book.author, { cascade: true })
  books: Relation<Book>[];
}

@Entity({ schema: '@tenant', name: 'books' })
export class Book {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('text')
  title: string;

  @ManyToOne(() => Author, (author) => author.books, { nullable: true, orphanedRowAction: 'nullify' })
  @JoinColumn({ name: 'author_id' })
  author: Relation<Author> | null;

  @OneToMany(() => Page, (page) => page.book, { cascade: true })
  pages: Relation<Page>[];

  @ManyToMany(() => Tag, (tag) => tag.books, { cascade: true })
  @JoinTable({ name: 'book_tags', joinColumn: { name: 'book_id' }, inverseJoinColumn: { name: 'tag_id' } })
  tags: Relation<Tag>[];

  @DeleteDateColumn({ name: 'deleted_at', type: 'timestamptz' })
  deletedAt: Date | null;

  @VersionColumn()
  version: number;
}

@Entity({ schema: '@tenant', name: 'pages' })
export class Page {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('integer')
  number: number;

  @ManyToOne(() => Book, (book) => book.pages, { nullable: false, orphanedRowAction: 'delete' })
  @JoinColumn({ name: 'book_id' })
  book: Relation<Book>;
}

@Entity({ schema: '@tenant', name: 'tags' })
export class Tag {
  @PrimaryColumn('text')
  name: string;

  @Column('integer', { default: 0 })
  uses: number;

  @ManyToMany(() => Book, (book) => book.tags)
  books: Relation<Book>[];
}

export const library = [Author, Book, Page, Tag];

class Authors1700000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE "@tenant".authors (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      name text NOT NULL
    )`);
    await queryRunner.query(`CREATE TABLE "@tenant".books (
      id serial PRIMARY KEY,
      title text NOT NULL,
      author_id uuid REFERENCES "@tenant".authors,
      deleted_at timestamptz,
      version integer NOT NULL DEFAULT 1
    )`);
    await queryRunner.query(`CREATE INDEX books_by_author ON "@tenant".books (author_id) WHERE deleted_at IS NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".books, "@tenant".authors`);
  }
}

class Tags1700000000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE "@tenant".pages (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      number integer NOT NULL CHECK (number > 0),
      book_id integer NOT NULL REFERENCES "@tenant".books ON DELETE CASCADE,
      UNIQUE (book_id, number) DEFERRABLE INITIALLY DEFERRED
    )`);
    await queryRunner.query(`CREATE TABLE "@tenant".tags (name text PRIMARY KEY, uses integer NOT NULL DEFAULT 0)`);
    await queryRunner.query(`CREATE TABLE "@tenant".book_tags (
      book_id integer NOT NULL REFERENCES "@tenant".books ON DELETE CASCADE,
      tag_id text NOT NULL REFERENCES "@tenant".tags ON DELETE CASCADE,
      PRIMARY KEY (book_id, tag_id)
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".book_tags, "@tenant".tags, "@tenant".pages`);
  }
}

export const libraryMigrations = [Authors1700000000001, Tags1700000000002];
