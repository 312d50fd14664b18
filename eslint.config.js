import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * What the compiler cannot know and reviewers should not have to say twice. Layers and modules are kept by
 * .dependency-cruiser.cjs, formatting by Prettier. A rule that is switched off in a line says why in the same comment.
 */

const CODE = ['**/*.ts'];
const SRC = ['src/**/*.ts'];

// --- TypeORM, as far as it takes a type to see it ---------------------------------------------------------------------

const TYPEORM_CALLS = {
  cache:
    "Its keys are computed before the tenant's schema is put in: another tenant's rows came back. Use platform/cache.",
  stream: 'It bypasses the bind to the tenant. Page through the rows with listPage() instead.',
  comment: 'Its text goes into the statement as it is, so a caller could end the comment and go on with SQL.',
};

const TAKES_SQL = new Set(['orderBy', 'addOrderBy', 'select', 'addSelect', 'groupBy', 'addGroupBy']);

const isFixed = (node) =>
  node === undefined ||
  (node.type === 'Literal' && typeof node.value === 'string') ||
  (node.type === 'TemplateLiteral' && node.expressions.length === 0) ||
  (node.type === 'ConditionalExpression' && isFixed(node.consequent) && isFixed(node.alternate)) ||
  (node.type === 'ArrayExpression' && node.elements.every((element) => element !== null && isFixed(element))) ||
  (node.type === 'ObjectExpression' && node.properties.every((each) => each.type === 'Property' && !each.computed)) ||
  // A sub-query: what it selects is checked in its own call.
  node.type === 'ArrowFunctionExpression';

const declaredByTypeorm = (symbol) =>
  symbol?.declarations?.some((each) => each.getSourceFile().fileName.includes('/node_modules/typeorm/')) ?? false;

/** By type and not by name, so that `tasks.comment(ctx, ...)` stays a verb of ours and `qb.comment(...)` does not. */
const typeormRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      banned: '.{{name}}() of TypeORM: {{reason}}',
      notFixed:
        '.{{name}}() puts this text into the statement as it is: write it here as a literal, or choose between literals.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    return {
      'CallExpression[callee.type="MemberExpression"][callee.property.type="Identifier"]'(node) {
        const { name } = node.callee.property;
        if (!Object.hasOwn(TYPEORM_CALLS, name) && !TAKES_SQL.has(name)) return;
        if (!declaredByTypeorm(services.getSymbolAtLocation(node.callee.property))) return;
        if (!TAKES_SQL.has(name)) {
          context.report({
            node: node.callee.property,
            messageId: 'banned',
            data: { name, reason: TYPEORM_CALLS[name] },
          });
        } else if (!isFixed(node.arguments[0])) {
          context.report({ node: node.arguments[0], messageId: 'notFixed', data: { name } });
        }
      },
      'ObjectExpression > Property[key.name="cache"]'(node) {
        const options = services.program
          .getTypeChecker()
          .getContextualType(services.esTreeNodeToTSNodeMap.get(node.parent));
        const members = options?.isUnion() ? options.types : [options];
        if (members.some((each) => declaredByTypeorm(each?.getProperty('cache')))) {
          context.report({ node: node.key, messageId: 'banned', data: { name: 'cache', reason: TYPEORM_CALLS.cache } });
        }
      },
    };
  },
};

// --- What syntax alone shows ------------------------------------------------------------------------------------------

const EVERYWHERE = [
  {
    selector: ':matches(ClassDeclaration, ClassExpression)[superClass.name="BaseEntity"]',
    message:
      'BaseEntity finds its rows through the DataSource that was initialised last: a random tenant. Use ctx.repository().',
  },
  {
    selector: 'Property[key.name="lazy"][value.value=true]',
    message:
      'A lazy relation loads through the DataSource that was initialised last: a random tenant. Select it explicitly.',
  },
  {
    selector: 'PropertyDefinition[decorators.length>0] > TSTypeAnnotation > TSTypeReference[typeName.name="Promise"]',
    message: 'TypeORM takes a relation that is typed as a Promise for a lazy one, which loads through a random tenant.',
  },
  {
    selector: 'Property[key.name="synchronize"][value.value=true]',
    message: 'synchronize alters (and drops) columns to fit the entities. The schema is made by migrations alone.',
  },
  {
    // A constructor is handed its collaborators by name, so it may have a few more: see max-params.
    selector: ':function[params.length>6]:not(MethodDefinition[kind="constructor"] > FunctionExpression)',
    message: 'More than six parameters cannot be told apart at the call. Pass an object with names.',
  },
];

const IN_SRC = [
  ...EVERYWHERE,
  {
    selector: 'MemberExpression[object.name="Scope"][property.name="REQUEST"]',
    message:
      'A request-scoped provider rebuilds everything that needs it on every request. What travels is ctx, the first argument.',
  },
  {
    selector: 'TSInterfaceDeclaration[id.name=/^I[A-Z][a-z]/], TSTypeAliasDeclaration[id.name=/^I[A-Z][a-z]/]',
    message: 'No I prefix: the name says what it is, and callers do not care that it is an interface.',
  },
  {
    selector: 'ClassDeclaration[id.name=/^Base[A-Z]|(Helper|Util|Utils|Manager)$/]:not([id.name="SchemaManager"])',
    message: 'Base, Helper, Util and Manager say nothing about what it does. Name it after its task.',
  },
  {
    selector: 'MethodDefinition[key.name=/^(process|handle|manage)([A-Z]|$)/]',
    message: 'The name says that something happens, not what. Use the verb of the domain: assign, complete, archive.',
  },
];

/** The tenant's own verbs and reads: whose data, who acts, on behalf of which request always stands first. */
const CTX_FIRST = {
  selector: ':function > Identifier[typeAnnotation.typeAnnotation.typeName.name="TenantContext"]:not(:first-child)',
  message:
    'The context is the first parameter, everywhere: a reader looks for it there, and nobody passes the wrong one.',
};

const WRITES = '/^\\s*(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE)\\s/i';
const READS_ONLY = {
  selector: `TemplateLiteral > TemplateElement:first-child[value.raw=${WRITES}], Literal[value=${WRITES}]`,
  message: '*.queries.ts only reads. What changes rows is a verb and stands in the service, inside its transaction.',
};

const restrictedSyntax = (...entries) => ({ 'no-restricted-syntax': ['error', ...entries] });

// --- What may not be imported -----------------------------------------------------------------------------------------

const TYPEORM_IMPORTS = {
  name: 'typeorm',
  importNames: ['BaseEntity'],
  message: 'It finds its rows through the DataSource that was initialised last: a random tenant. Use ctx.repository().',
};
const NEST_IMPORTS = {
  name: '@nestjs/common',
  importNames: ['forwardRef'],
  message:
    'Two modules that need each other have the wrong border. The lower one announces an event, the upper one hears it.',
};
const HTTP_ERRORS = {
  name: '@nestjs/common',
  importNames: [
    'BadRequestException',
    'ConflictException',
    'ForbiddenException',
    'HttpException',
    'InternalServerErrorException',
    'NotFoundException',
    'UnauthorizedException',
    'UnprocessableEntityException',
  ],
  message: 'Throw an AppError with a kind; platform/http/problem.filter.ts alone turns kinds into statuses.',
};
const HTTP_STATUS = {
  name: '@nestjs/common',
  importNames: ['HttpStatus'],
  message: 'Statuses are the business of controllers and of platform/http; everybody else has kinds of errors.',
};
const RAW_EVENTS = {
  name: '@nestjs/event-emitter',
  importNames: ['OnEvent'],
  message:
    'Use @Hears: a raw @OnEvent swallows the error of the listener, and the event is lost instead of tried again.',
};

const restrictedImports = (...paths) => ({ 'no-restricted-imports': ['error', { paths }] });

const PROCESS_ENV = {
  'no-restricted-properties': [
    'error',
    {
      object: 'process',
      property: 'env',
      message: 'Settings are read once, checked and frozen in src/platform/config. Ask for CONFIG.',
    },
  ],
};

// --- Which of it holds where ------------------------------------------------------------------------------------------

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '.data/', 'bench/results/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: CODE,
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { projectflow: { rules: { typeorm: typeormRule } } },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'projectflow/typeorm': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-template-curly-in-string': 'error',
      'no-self-compare': 'error',
      // Six dependencies are the measure; the eight of OutboxRelay are the most there is. Plain functions stop at six.
      'max-params': ['error', 8],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // An async method without await still turns what it throws into a rejection, which its callers rely on.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      ...restrictedImports(TYPEORM_IMPORTS),
      ...restrictedSyntax(...EVERYWHERE),
    },
  },
  {
    files: SRC,
    rules: {
      'no-console': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      ...PROCESS_ENV,
      ...restrictedImports(TYPEORM_IMPORTS, NEST_IMPORTS, HTTP_ERRORS, HTTP_STATUS, RAW_EVENTS),
      ...restrictedSyntax(...IN_SRC),
    },
  },
  { files: ['seeds/**/*.ts', 'migrations/**/*.ts'], rules: PROCESS_ENV },
  {
    files: ['src/**/*.{service,listeners,policy}.ts'],
    rules: restrictedSyntax(...IN_SRC, CTX_FIRST),
  },
  { files: ['src/**/*.queries.ts'], rules: restrictedSyntax(...IN_SRC, CTX_FIRST, READS_ONLY) },
  { files: ['src/platform/config/**'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/platform/events/**'],
    rules: restrictedImports(TYPEORM_IMPORTS, NEST_IMPORTS, HTTP_ERRORS, HTTP_STATUS),
  },
  {
    files: ['src/**/*.controller.ts'],
    rules: restrictedImports(TYPEORM_IMPORTS, NEST_IMPORTS, HTTP_ERRORS, RAW_EVENTS),
  },
  { files: ['src/platform/http/**'], rules: restrictedImports(TYPEORM_IMPORTS, NEST_IMPORTS, RAW_EVENTS) },
  // They speak to a terminal; everything else speaks to the log.
  { files: ['src/main.ts', 'src/worker.ts', 'src/cli.ts'], rules: { 'no-console': 'off' } },
  {
    // Clients: they read answers of the API as anybody would, without our types, and start servers with an environment.
    files: ['test/**/*.ts', 'bench/**/*.ts', 'seeds/demo*.ts', '**/*.spec.ts'],
    rules: {
      'no-console': 'off',
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
