import type { Clock } from '../lib/clock.ts';
import type { RedisPlace } from './config.ts';
import type { Dialer } from './connect.ts';
import { failureKind, isWrongServer } from './failure.ts';
import type { Health } from './health.ts';
import type { Link } from './link.ts';
import type { LoadedScripts } from './loaded-scripts.ts';
import { script } from './script.ts';
import { readServerInfo } from './server-info.ts';
import { TooLate, within } from './within.ts';

/** Whether the server takes writes. KEYS: one to write. */
const LOOK = script('look', `#!lua\nredis.call('SET', KEYS[1], '1', 'PX', 1000)\nreturn 'ok'`);

/** How often INFO is read while all is well, and how long it may take at least. Ms. */
const INFO_EVERY = 30_000;
const INFO_PATIENCE = 250;
/** Who has answered within so many ms need not be asked whether it is there. */
const FRESH = 900;

/** The server can be reached, and cannot be used. */
class Unfit extends Error {
  override readonly name = 'Unfit';
}

export interface UpkeepTools {
  readonly clock: Clock;
  readonly dialer: Dialer;
  readonly health: Health;
  readonly scripts: LoadedScripts;
  readonly kind: RedisPlace['kind'];
  /** How long a look may take, in ms. */
  readonly limit: number;
  /** Written by each look. */
  readonly key: string;
  /** Hears after each reading of INFO whether the server throws keys away. */
  readonly evicts: (evicts: boolean) => void;
}

/** Keeps one connection for commands, and looks at the server: when nobody else does, or when it is down. One look at a time. */
export class Upkeep {
  private readonly tools: UpkeepTools;
  private link: Link | undefined;
  private dialing: Link | undefined;
  private infoAt = Number.NEGATIVE_INFINITY;
  private isLooking = false;
  private isClosed = false;
  private ending = '';
  private stop: (() => void) | undefined;

  constructor(tools: UpkeepTools) {
    this.tools = tools;
  }

  /** Whether it can be used is health's to say. */
  get current(): Link | undefined {
    return this.link;
  }

  /** Looks now, and again and again from then on. Never rejects. @returns when this look is over, well or not */
  async look(): Promise<void> {
    this.stop?.();
    this.isLooking = true;
    try {
      this.link ??= await this.dial();
      if (this.isClosed) this.link.close();
      await this.inspect(this.link);
    } catch (error) {
      if (!this.isClosed) this.failed(error as Error);
    }
    this.isLooking = false;
    this.schedule();
  }

  /** Has somebody found it down? The next look comes sooner than while all is well. */
  schedule(): void {
    if (this.isLooking || this.isClosed) return;
    this.stop?.();
    this.stop = this.tools.clock.after(this.tools.health.nextLook(), () => void this.look());
  }

  close(): void {
    this.isClosed = true;
    this.stop?.();
    this.link?.close();
    this.dialing?.close();
  }

  private dial(): Promise<Link> {
    const { clock, dialer } = this.tools;
    this.infoAt = Number.NEGATIVE_INFINITY;
    return new Promise((resolve, reject) => {
      const link = dialer.command({
        ready: () => {
          stop();
          this.dialing = undefined;
          resolve(link);
        },
        ended: (reason) => {
          stop();
          reject(new Error(reason));
          this.ended(link, reason);
        },
      });
      this.dialing = link;
      const stop = clock.after(dialer.patience, () => {
        link.close();
        reject(new TooLate(`no connection within ${dialer.patience} ms`));
      });
    });
  }

  private ended(link: Link, reason: string): void {
    if (this.isClosed || this.link !== link) return;
    this.link = undefined;
    this.ending = `the connection is lost: ${reason}`;
    this.tools.health.broken(this.ending);
  }

  /** @throws what is wrong */
  private async inspect(link: Link): Promise<void> {
    const { clock, health, scripts, limit, key, kind } = this.tools;
    const isDue = health.isDown || clock.now() - this.infoAt >= INFO_EVERY;
    // Of a cluster, who answers may be others than those that nobody asks.
    if (!isDue && health.silence < FRESH && kind !== 'cluster') return;
    if (isDue) await this.readInfo(link);
    if (scripts.loads(link, LOOK) === 0) {
      await within(clock, INFO_PATIENCE + limit, Promise.all([scripts.loadAll(link), scripts.load(link, LOOK, 0)]));
    }
    const began = clock.now();
    await this.write(link, key).catch(async (error) => {
      if (failureKind(error) !== 'noscript') throw error;
      await within(clock, INFO_PATIENCE + limit, scripts.load(link, LOOK, scripts.loads(link, LOOK)));
      await this.write(link, key);
    });
    health.worked(clock.now() - began);
  }

  private async readInfo(link: Link): Promise<void> {
    const { clock, limit, kind } = this.tools;
    const texts = await within(clock, Math.max(limit, INFO_PATIENCE), link.info());
    const read = texts.map((text) => readServerInfo(text, kind));
    const problem = read.find((one) => one.problem !== '')?.problem;
    if (problem !== undefined) throw new Unfit(problem);
    this.infoAt = clock.now();
    this.tools.evicts(read.some(({ evicts }) => evicts));
  }

  private async write(link: Link, key: string): Promise<void> {
    const { clock, limit } = this.tools;
    const asked = link.keysEverywhere(key).map((one) => link.runScript(LOOK.sha, [one], []));
    const answers = await within(clock, limit, Promise.all(asked));
    if (answers.some((answer) => answer !== 'ok')) throw new Unfit('it answers a script with something else than the script');
  }

  private failed(error: Error): void {
    const { dialer, health } = this.tools;
    const isLate = error instanceof TooLate;
    const isLost = !isLate && !(error instanceof Unfit) && failureKind(error) === 'lost';
    const reason = isLost && this.link === undefined && this.ending !== '' ? this.ending : dialer.reasons.of(error);
    this.ending = '';
    if (isLate && !health.isDown) health.missed();
    else health.failed(reason);
    // A connection may have stuck for good, or may lead to a server that is no master any more.
    if (health.isDown && (isLate || isLost || isWrongServer(reason))) this.drop();
  }

  private drop(): void {
    const { link } = this;
    this.link = undefined;
    this.dialing = undefined;
    link?.close();
  }
}
