// Checks dashboards against the types that Grafana itself is written with.
//
// usage: node check.mjs FOLDER
//
// FOLDER has one dashboard in each *.json. Every dashboard becomes a TypeScript
// file that says it satisfies Dashboard, and each of its panels' options those of
// its type; the compiler does the rest. Whether the check still finds anything is
// tried first, with mistakes made on purpose.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = path.dirname(fileURLToPath(import.meta.url));
const schema = '@grafana/schema/dist/types/raw';

// The panel types that boards use, by the folder of their options.
const options = {
  alertlist: null, // has no published type
  bargauge: 'bargauge',
  geomap: 'geomap',
  histogram: 'histogram',
  'state-timeline': 'statetimeline',
  stat: 'stat',
  table: 'table',
  text: 'text',
  timeseries: 'timeseries',
};

// TypeScript takes no text for an enum, so enums are loosened to their texts. What
// a data source adds to annotations, and a panel to its fields' custom part, is not
// in the types.
const prelude = `
import type { Dashboard } from '${schema}/dashboard/x/types.gen';
type Loose<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined ? T :
  T extends (infer U)[] ? Loose<U>[] : T extends object ? { [K in keyof T]: Loose<T[K]> } : T;
type Annotated = { annotations?: { list?: (Loose<NonNullable<NonNullable<Dashboard['annotations']>['list']>[number]> & Record<string, unknown>)[] } };
type Board = Omit<Loose<Dashboard>, 'annotations'> & Annotated;
`;

function source(board) {
  const imports = [];
  const checks = [`export const board = ${JSON.stringify(board, null, 1)} satisfies Board;`];
  for (const panel of board.panels) {
    if (!(panel.type in options)) {
      throw new Error(`${board.uid}: ${panel.title}: add the panel type ${panel.type} to check.mjs`);
    }
    const folder = options[panel.type];
    if (!folder) continue;
    const name = `Options_${folder}`;
    const line = `import type { Options as ${name} } from '${schema}/composable/${folder}/panelcfg/x/types.gen';`;
    if (!imports.includes(line)) imports.push(line);
    checks.push(`/* ${panel.id} ${panel.type} */ export const panel${panel.id} = ${JSON.stringify(panel.options, null, 1)} satisfies Loose<Partial<${name}>>;`);
  }
  return [prelude, ...imports, ...checks].join('\n');
}

// compile returns what the compiler says about each board.
function compile(boards) {
  const files = new Map(boards.map((b, i) => [path.join(here, `board-${i}-${b.uid}.ts`), source(b)]));
  const settings = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    ignoreDeprecations: '5.0',
    types: [],
  };
  const host = ts.createCompilerHost(settings);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (f) => files.get(f) ?? readFile(f);
  host.fileExists = (f) => files.has(f) || fileExists(f);
  host.getSourceFile = (f, language, ...rest) =>
    files.has(f) ? ts.createSourceFile(f, files.get(f), language) : getSourceFile(f, language, ...rest);
  const program = ts.createProgram([...files.keys()], settings, host);
  return ts.getPreEmitDiagnostics(program).map((d) => {
    const text = ts.flattenDiagnosticMessageText(d.messageText, '\n');
    if (!d.file) return text;
    const { line } = d.file.getLineAndCharacterOfPosition(d.start);
    const written = d.file.text.split('\n')[line].trim();
    return `${path.basename(d.file.fileName, '.ts')}: at ${written}: ${text}`;
  });
}

// Each is a mistake that the check must find.
const mistakes = {
  'a text for a number': (b) => (b.schemaVersion = '42'),
  'an unknown key of the board': (b) => (b.hideControls = true),
  'a missing position': (b) => delete b.panels[0].gridPos.h,
  'an unknown word of an option': (b) => (b.panels.find((p) => p.type === 'stat').options.colorMode = 'foreground'),
  'an unknown option': (b) => (b.panels.find((p) => p.type === 'table').options.showHeaders = true),
};

function main(folder) {
  const boards = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
  if (boards.length === 0) throw new Error(`there are no dashboards in ${folder}`);
  const example = boards.find((b) => b.panels.some((p) => p.type === 'stat') && b.panels.some((p) => p.type === 'table'));
  const broken = Object.entries(mistakes).map(([name, make], i) => {
    const b = structuredClone(example);
    make(b);
    return { ...b, uid: `mistake-${i}`, name };
  });
  const found = compile([...boards, ...broken.map(({ name, ...b }) => b)]);
  const missed = broken.filter((b) => !found.some((f) => f.includes(b.uid))).map((b) => `the check does not find ${b.name}`);
  const faults = [...missed, ...found.filter((f) => !f.includes('-mistake-'))];
  for (const f of faults) console.error(f);
  console.log(`${boards.length} dashboards, ${faults.length} faults`);
  return faults.length === 0 ? 0 : 1;
}

if (process.argv.length !== 3) {
  console.error('usage: node check.mjs FOLDER');
  process.exit(2);
}
process.exit(main(process.argv[2]));
