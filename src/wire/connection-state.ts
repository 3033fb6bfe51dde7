/**
 * idle: between requests. head: part of one is here. busy: an exchange goes on. discard: it is over, the rest of its
 * body is thrown away. tunnel: HTTP is over. linger: the last reply is out, what still arrives is thrown away, so that
 * the client can read it. closed: nothing happens any more.
 */
export type State = 'idle' | 'head' | 'busy' | 'discard' | 'tunnel' | 'linger' | 'closed';

/** What a connection's one timeout means when it fires. */
export type Waiting = 'nothing' | 'head' | 'idle' | 'body' | 'half-closed' | 'linger';

/**
 * A connection that is idle when the gateway drains may have its next request on its way: it is answered, as the last
 * one, if it comes within this many ms. Closing at once would fail it.
 */
export const DRAIN_GRACE = 1000;

/** Nothing limits how long a tunnel is silent: TCP asks after this many ms whether the other end is still there. */
export const TUNNEL_PROBE = 60_000;

/**
 * A client that closed its sending half may still read, but nearly always it is gone and only a write would show it.
 * It gets this many ms for a reply to begin.
 */
export const HALF_CLOSE_GRACE = 1000;
