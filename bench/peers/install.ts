/** Installs the peers beside this file when a bench first needs them, and imports them from there. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = import.meta.dirname;
const lockPath = path.join(folder, 'package-lock.json');
/** A copy of the lock that the installed packages are of. */
const stampPath = path.join(folder, 'node_modules', '.installed-lock.json');

function isInstalled(): boolean {
  return existsSync(stampPath) && readFileSync(stampPath, 'utf8') === readFileSync(lockPath, 'utf8');
}

/** Installs exactly the locked versions, without install scripts; nothing if they are there. Throws with npm's words if it fails. */
export async function installPeers(): Promise<void> {
  if (isInstalled()) return;
  console.log('Installing the peers into bench/peers/node_modules: once, about 50 MB.');
  // Colyseus 0.18 asks for Node 22 in its package.json, and runs on 20.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error'];
  const { status, error, stderr } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`the peers could not be installed: ${error?.message ?? stderr}`);
  writeFileSync(stampPath, readFileSync(lockPath));
}

/** What a CommonJS package becomes: nothing but its `module.exports`. */
function hasOnlyDefault(module: object): boolean {
  return Object.keys(module).every((key) => key === 'default' || key === 'module.exports');
}

/**
 * A peer by its name, `@colyseus/core` or `bitecs/serialization`; of a package that exports a default alone, that. The caller
 * says what it uses of it: `Module` is not checked. Call `installPeers` first.
 */
export async function importPeer<Module>(name: string): Promise<Module> {
  const module = (await import(name)) as { default?: unknown };
  return (hasOnlyDefault(module) ? module.default : module) as Module;
}
