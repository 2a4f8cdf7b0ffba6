// The lines that seeds run over: those of the simulator, and two that have everything at once.
import { LINK_PROFILES, type LinkProfile, type LinkProfileName } from 'tickwire/testing';

/** Lines of their own: a narrow one with long radio stalls, and a far one that delivers whenever it likes. */
const OWN_PROFILES = {
  radio: {
    delayMs: 60,
    jitterMs: 20,
    lossRatio: 0.01,
    bandwidthKbps: 384,
    stalls: { everyMs: 6_000, minMs: 200, maxMs: 1_000 },
  },
  ragged: {
    delayMs: 150,
    jitterMs: 100,
    lossRatio: 0.01,
    stalls: { everyMs: 10_000, minMs: 300, maxMs: 1_000 },
  },
} as const satisfies Record<string, LinkProfile>;

/** Name of a line that a seed can run over. */
export type SeedProfileName = LinkProfileName | keyof typeof OWN_PROFILES;

/** By name. */
export const seedProfiles: { readonly [Name in SeedProfileName]: LinkProfile } = { ...LINK_PROFILES, ...OWN_PROFILES };

/** Those of which several seeds run with every test, and those of which one does. */
export const steadyProfiles = ['lan', 'rtt100'] as const;
export const roughProfiles = ['hol1', 'lte'] as const;
export const moreProfiles = ['rtt200', 'hol3', 'bw256', 'radio', 'ragged'] as const;
