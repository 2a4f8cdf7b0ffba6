/** Ways to find who is near: the engine's own grid, a look at everybody, and the libraries that people take. All find the same. */
import { Grid } from 'tickwire/testing';
import { importPeer } from '../peers/install.ts';

/** An index of points that all move: made anew in each tick. */
export interface SpatialIndex {
  readonly name: string;
  build(xs: Float64Array, ys: Float64Array): void;
  /** Slots within `reach` of a point, in no order, written into `into`. Returns how many. */
  find(x: number, y: number, reach: number, into: Int32Array): number;
}

interface KdBush {
  add(x: number, y: number): number;
  finish(): void;
  within(x: number, y: number, radius: number): number[];
}
interface KdBushModule {
  readonly default: new (count: number, nodeSize?: number, ArrayType?: Float64ArrayConstructor) => KdBush;
}
interface Flatbush {
  add(minX: number, minY: number, maxX: number, maxY: number): number;
  finish(): void;
  search(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    filter: (index: number, x0: number, y0: number) => boolean,
  ): number[];
}
interface FlatbushModule {
  readonly default: new (count: number, nodeSize?: number, ArrayType?: Float64ArrayConstructor) => Flatbush;
}
/** The class, whether or not the package exports anything beside it. */
const classOf = <C>(module: { readonly default?: C } | C): C =>
  ((module as { readonly default?: C }).default ?? module) as C;

function createGrid(size: number, count: number, reach: number): SpatialIndex {
  const isAlive = new Uint8Array(count).fill(1);
  const grid = new Grid({ minX: 0, minY: 0, maxX: size, maxY: size }, reach, count);
  return {
    name: 'grid (own)',
    build: (xs, ys) => grid.fill(isAlive, xs.length, xs, ys),
    find(x, y, r, into) {
      const found = grid.query(x, y, r);
      for (let i = 0; i < found; i++) into[i] = grid.found[i] as number;
      return found;
    },
  };
}

function createScan(): SpatialIndex {
  let xs: Float64Array = new Float64Array(0);
  let ys: Float64Array = xs;
  return {
    name: 'look at everybody',
    build(newXs, newYs) {
      xs = newXs;
      ys = newYs;
    },
    find(x, y, r, into) {
      const square = r * r;
      let found = 0;
      for (let slot = 0; slot < xs.length; slot++) {
        const dx = (xs[slot] as number) - x;
        const dy = (ys[slot] as number) - y;
        if (dx * dx + dy * dy <= square) into[found++] = slot;
      }
      return found;
    },
  };
}

function createKdBush(Index: KdBushModule['default'], version: string): SpatialIndex {
  let index: KdBush;
  return {
    name: `kdbush ${version}`,
    build(xs, ys) {
      index = new Index(xs.length, 64, Float64Array);
      for (let i = 0; i < xs.length; i++) index.add(xs[i] as number, ys[i] as number);
      index.finish();
    },
    find: (x, y, r, into) => copy(index.within(x, y, r), into),
  };
}

function createFlatbush(Index: FlatbushModule['default'], version: string): SpatialIndex {
  let index: Flatbush;
  return {
    name: `flatbush ${version}`,
    build(xs, ys) {
      index = new Index(xs.length, 16, Float64Array);
      for (let i = 0; i < xs.length; i++) {
        index.add(xs[i] as number, ys[i] as number, xs[i] as number, ys[i] as number);
      }
      index.finish();
    },
    find(x, y, r, into) {
      const isNear = (_: number, px: number, py: number): boolean => (px - x) ** 2 + (py - y) ** 2 <= r * r;
      return copy(index.search(x - r, y - r, x + r, y + r, isNear), into);
    },
  };
}

function copy(found: readonly number[], into: Int32Array): number {
  for (let i = 0; i < found.length; i++) into[i] = found[i] as number;
  return found.length;
}

/** All of them, for `count` points in a square of that size and queries of that reach. Call `installPeers` first. */
export async function createSpatialIndexes(size: number, count: number, reach: number): Promise<SpatialIndex[]> {
  const kdbush = classOf(await importPeer<KdBushModule>('kdbush'));
  const flatbush = classOf(await importPeer<FlatbushModule>('flatbush'));
  return [
    createGrid(size, count, reach),
    createScan(),
    createKdBush(kdbush as KdBushModule['default'], '4.1.0'),
    createFlatbush(flatbush as FlatbushModule['default'], '4.7.0'),
  ];
}
