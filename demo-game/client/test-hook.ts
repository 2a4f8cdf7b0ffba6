/** What end-to-end tests may look at: `window.tickwireDemo`. */

import type { Link } from './net.ts';
import type { Picture } from './picture.ts';
import type { Standing } from './standing.ts';
import type { Scene } from './view/scene.ts';

export interface DemoParts {
  readonly link: Link;
  readonly scene: Scene;
  readonly picture: Picture;
  readonly standings: () => readonly Standing[];
}

/** Places and counts of the frame drawn last. */
function readStats({ link, scene, picture, standings }: DemoParts) {
  const { own } = picture;
  return {
    state: link.state,
    own: own ? { id: own.id, x: own.x, y: own.y, heading: own.heading, hp: own.hp } : undefined,
    ships: [...picture.ships].map(({ id, name, x, y, heading, isOwn }) => ({ id, name, x, y, heading, isOwn })),
    shots: [...picture.shots].map(({ id, x, y, isOwn }) => ({ id, x, y, isOwn })),
    pickups: picture.pickups.count,
    scores: standings().map(({ name, score, kills, deaths, isSelf, isBot }) => ({
      name,
      score,
      kills,
      deaths,
      isSelf,
      isBot,
    })),
    corrections: link.stats?.corrections ?? 0,
    costP95Ms: scene.meter.costP95Ms,
    framesPerSecond: scene.meter.framesPerSecond(),
    drawCalls: scene.meter.drawCalls,
    quality: scene.quality.level.name,
  };
}

declare global {
  interface Window {
    tickwireDemo?: {
      readonly net: Link['net'];
      readonly scene: Scene;
      stats(): ReturnType<typeof readStats>;
    };
  }
}

export function exposeForTests(parts: DemoParts): void {
  window.tickwireDemo = {
    get net() {
      return parts.link.net;
    },
    scene: parts.scene,
    stats: () => readStats(parts),
  };
}
