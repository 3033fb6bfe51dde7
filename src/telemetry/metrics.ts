import { Counter, Histogram } from '../lib/cell.ts';

export type Labels = Readonly<Record<string, string>>;
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** A metric as a scrape sees it. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  /** Series at this moment. */
  read(): Iterable<readonly [Labels, number | Histogram]>;
}

/** Seconds. Fine where a gateway's own share shows, up to what a route's timeout allows. */
export const DURATION_BOUNDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/**
 * Cells of one metric, by labels. Each series is made once, by whoever holds its cell from then on, and removed when
 * what it counts is gone from the configuration: otherwise a process that lives long would show all that ever was.
 */
export class Family<Cell> {
  private readonly cells = new Map<string, { labels: Labels; cell: Cell }>();
  private readonly make: () => Cell;
  private passes: (labels: Labels, cell: Cell) => boolean = () => true;

  constructor(make: () => Cell) {
    this.make = make;
  }

  /** The cell of these labels: the same one each time. Not for the request path. */
  cell(labels: Labels): Cell {
    const key = JSON.stringify(labels);
    let entry = this.cells.get(key);
    if (entry === undefined) {
      entry = { labels, cell: this.make() };
      this.cells.set(key, entry);
    }
    return entry.cell;
  }

  /** Shows the series no more. Whoever holds its cell may go on counting, which nobody sees. */
  remove(labels: Labels): void {
    this.cells.delete(JSON.stringify(labels));
  }

  /**
   * {@link remove} for all whose labels do not pass. Until the next call others do not show either: work that began under
   * an earlier configuration may count yet.
   */
  keep(passes: (labels: Labels, cell: Cell) => boolean): void {
    this.passes = passes;
    for (const [key, { labels, cell }] of this.cells) if (!passes(labels, cell)) this.cells.delete(key);
  }

  entries(): { labels: Labels; cell: Cell }[] {
    return [...this.cells.values()].filter(({ labels, cell }) => this.passes(labels, cell));
  }
}

/** All metrics of an instance. Counting happens in cells; names and labels meet them only when somebody scrapes. */
export class Metrics {
  private readonly list: Metric[] = [];

  counter(name: string, help: string): Family<Counter> {
    const family = new Family(() => new Counter());
    this.list.push({
      name,
      help,
      type: 'counter',
      read: () => family.entries().map(({ labels, cell }) => [labels, cell.value] as const),
    });
    return family;
  }

  histogram(name: string, help: string, bounds: readonly number[]): Family<Histogram> {
    const family = new Family(() => new Histogram(bounds));
    this.list.push({
      name,
      help,
      type: 'histogram',
      read: () => family.entries().map(({ labels, cell }) => [labels, cell] as const),
    });
    return family;
  }

  /** A value that is asked for when somebody scrapes. */
  gauge(name: string, help: string, read: () => Iterable<readonly [Labels, number]>): void {
    this.list.push({ name, help, type: 'gauge', read });
  }

  /** A number that somebody else counts and never makes smaller, asked for when somebody scrapes. */
  total(name: string, help: string, read: () => number): void {
    this.list.push({ name, help, type: 'counter', read: () => [[{}, read()]] });
  }

  all(): readonly Metric[] {
    return this.list;
  }
}
