#!/usr/bin/env node
/** The `lianfa` command. Each command is one file that registers itself. */
import { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LianfaError } from '../core/errors.js';
import * as accounts from './accounts.js';
import * as audience from './audience.js';
import * as calendar from './calendar.js';
import * as chains from './chains.js';
import * as drill from './drill.js';
import * as duty from './duty.js';
import * as organizations from './organizations.js';
import * as pending from './pending.js';
import * as people from './people.js';
import * as broadcast from './broadcast.js';
import * as publish from './publish.js';
import * as receipt from './receipt.js';
import * as regions from './regions.js';
import * as report from './report.js';
import * as status from './status.js';
import { both } from './say.js';
import * as template from './template.js';
import * as withdraw from './withdraw.js';

interface CommandFile {
  register(program: Command): void;
}

/** These hold the whole program; they are loaded only when they are called for, so that the others answer at once. */
const heavy = [
  ...['start', 'demo', 'bench', 'rebuild', 'sandbox', 'audit', 'freeze', 'thaw', 'evidence', 'cap', 'store', 'storage'],
];

async function load(name: string): Promise<CommandFile | undefined> {
  const file = ['.js', '.ts']
    .map((ending) => join(import.meta.dirname, `${name}${ending}`))
    .find((path) => existsSync(path));
  return file === undefined ? undefined : ((await import(pathToFileURL(file).href)) as CommandFile);
}

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('lianfa')
    .description('联发：一次编写，多渠道发布，逐条回报 One release, written once, published everywhere')
    .showHelpAfterError();
  const commands = [
    publish,
    broadcast,
    status,
    report,
    receipt,
    withdraw,
    pending,
    calendar,
    accounts,
    organizations,
    regions,
    audience,
    people,
    chains,
    drill,
    duty,
    template,
  ];
  for (const command of commands) command.register(program);
  const asked = argv[2] ?? '';
  const help = asked === '' || asked === 'help' || asked.startsWith('-');
  for (const name of heavy) if (help || asked === name) (await load(name))?.register(program);
  await program.parseAsync(argv);
}

// `lianfa accounts list | head` closes the pipe early; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

function wordsOf(error: unknown): string {
  if (!(error instanceof LianfaError)) return error instanceof Error ? error.message : String(error);
  const { message, todo } = error.toJSON();
  return `${both(message)}\n  → ${both(todo)}`;
}

main(process.argv).catch((error: unknown) => {
  // What it has opened meanwhile would keep the process, and nobody would start it again.
  process.stderr.write(`✗ ${wordsOf(error)}\n`, () => process.exit(1));
});
