import { type Finding, type Locate, type Problem, toProblem } from './config-error.ts';
import type { Origins } from './origins.ts';
import { isBlock } from './overlay.ts';
import { type Path, valueAt } from './path.ts';

const BACKENDS: Path = ['load_balancing', 'backends'];
const ONLY = 'an included file has only routes and load_balancing.backends';

/** What a document is, with what the files that it includes add to it. */
export interface Included {
  readonly document: unknown;
  /** The names of those files, in order. */
  readonly names: readonly string[];
  /** Variables that could not be put in. */
  readonly findings: readonly Finding[];
  /** What is wrong with the files and their names. */
  readonly problems: readonly Problem[];
}

/** A document to which included files add their routes and backends. */
export class Merging {
  private readonly document: unknown;
  private readonly origins: Origins;
  private readonly file: string | undefined;
  private readonly routes: unknown[];
  private readonly backends: Record<string, unknown>;
  private readonly names: string[] = [];
  private readonly findings: Finding[] = [];
  private readonly problems: Problem[] = [];

  constructor(document: unknown, origins: Origins, file: string | undefined) {
    this.document = document;
    this.origins = origins;
    this.file = file;
    const [routes, backends] = [valueAt(document, ['routes']), valueAt(document, BACKENDS)];
    this.routes = Array.isArray(routes) ? [...routes] : [];
    this.backends = isBlock(backends) ? { ...backends } : {};
  }

  refuse(path: Path, message: string): void {
    this.problems.push(toProblem({ path, message }, this.origins.locate));
  }

  /** @param locate of the file's own paths */
  add(name: string, value: unknown, findings: readonly Finding[], locate: Locate): void {
    this.names.push(name);
    const first = this.routes.length;
    // A file of comments alone is a file that somebody emptied.
    if (value === null) return;
    for (const finding of misplaced(value)) this.problems.push(toProblem(finding, locate));
    const [routes, backends] = [valueAt(value, ['routes']), valueAt(value, BACKENDS)];
    if (Array.isArray(routes)) {
      for (const [at, route] of routes.entries()) {
        this.routes.push(route);
        this.origins.claim(['routes', first + at], ([, , ...rest], atKey) => {
          const path = ['routes', at, ...rest];
          return { ...locate(path, atKey), path };
        });
      }
    }
    const refused = new Set<string>();
    for (const [backend, content] of Object.entries(isBlock(backends) ? backends : {})) {
      const path = [...BACKENDS, backend];
      if (Object.hasOwn(this.backends, backend)) {
        refused.add(backend);
        const message = (nameOf: (path: Path) => string) => `${nameOf(path)} is a backend already`;
        const both: Locate = (asked, atKey) => (atKey ? locate(asked, atKey) : this.origins.locate(asked, true));
        this.problems.push(toProblem({ path, atKey: true, message }, both, this.file));
      } else {
        this.backends[backend] = content;
        this.origins.claim(path, locate);
      }
    }
    for (const finding of findings) {
      const [top, at, name, ...rest] = finding.path;
      if (top === 'routes' && typeof at === 'number') {
        this.findings.push({ ...finding, path: [top, first + at, ...(name === undefined ? [] : [name, ...rest])] });
      } else if (at === 'backends' && name !== undefined && !refused.has(String(name))) {
        this.findings.push(finding);
      }
      // All else has been refused with what it stands in.
    }
  }

  result(): Included {
    const { document, names, findings, problems } = this;
    if (names.length === 0 || !isBlock(document)) return { document, names, findings, problems };
    const { load_balancing: balancing = {}, routes: listed = [] } = document;
    // What is of the wrong kind in the document stays, for the schema to refuse.
    const fits = isBlock(balancing) && (balancing['backends'] === undefined || isBlock(balancing['backends']));
    const load_balancing = fits ? { ...balancing, backends: this.backends } : balancing;
    const routes = Array.isArray(listed) ? this.routes : listed;
    return { document: { ...document, load_balancing, routes }, names, findings, problems };
  }
}

/** What stands in an included file and may not, or is of the wrong kind. */
function misplaced(value: unknown): Finding[] {
  const message = 'must be a block of keys';
  if (!isBlock(value)) return [{ path: [], message }];
  const { routes, load_balancing: balancing = {}, ...others } = value;
  const findings = Object.keys(others).map((key): Finding => ({ path: [key], atKey: true, message: ONLY }));
  if (routes !== undefined && !Array.isArray(routes)) findings.push({ path: ['routes'], message: 'must be a list' });
  if (!isBlock(balancing)) return [...findings, { path: ['load_balancing'], message }];
  const { backends = {}, ...settings } = balancing;
  for (const key of Object.keys(settings)) findings.push({ path: ['load_balancing', key], atKey: true, message: ONLY });
  return isBlock(backends) ? findings : [...findings, { path: BACKENDS, message }];
}
