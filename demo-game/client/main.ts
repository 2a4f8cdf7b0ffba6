/** The page: joins net, scene and HUD; everything below `frame` happens once per rendered frame. */

import { styleOfPilot } from '../sim/pilot-names.ts';
import { bindChatBox } from './hud/chat-box.ts';
import { findElement } from './hud/element.ts';
import { Messages } from './hud/messages.ts';
import { NetworkPanel } from './hud/network-panel.ts';
import { PilotCard } from './hud/pilot-card.ts';
import { Scoreboard } from './hud/scoreboard.ts';
import { bindTouchControls, hasTouch } from './hud/touch-controls.ts';
import { isTyping, PlayerInput } from './input.ts';
import { type KillNotice, Link } from './net.ts';
import { readOptions, storeName } from './options.ts';
import { createPicture } from './picture.ts';
import { Sound } from './sound.ts';
import type { Standing } from './standing.ts';
import { exposeForTests } from './test-hook.ts';
import { createScene } from './view/scene.ts';

const HELP_MS = 12_000;
const SCORES_EVERY_MS = 400;
const PANEL_EVERY_MS = 200;

const options = readOptions(window.location.search);
const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
const scene = await createScene(findElement('game', HTMLElement), { ...options, isCalm });
scene.showsServer = options.showsServer;

const picture = createPicture();
const input = new PlayerInput(window);
const sound = new Sound(!options.isSilent);
const messages = new Messages();
const scoreboard = new Scoreboard();
const linkQuality = { ...options.link };
let standings: readonly Standing[] = [];

const link = new Link(
  { url: playUrl(), room: options.room, name: options.name, quality: linkQuality },
  {
    sampleInput: (held, heading) => input.read(held, heading),
    explosion({ x, y, vx, vy, style }) {
      scene.explode(x, y, vx, vy, style);
      sound.explode(distanceTo(x, y));
    },
    hit({ x, y, style }) {
      scene.effects.hit(x, y, style);
      sound.hit(distanceTo(x, y));
    },
    pickupTaken({ x, y, sort }) {
      scene.effects.take(x, y, sort);
      sound.take(distanceTo(x, y));
    },
    kill: showKill,
    said: ({ name, style, text }) => messages.say(name, style, text),
  },
);
scene.onFire = (x, y) => sound.shoot(distanceTo(x, y));

const card = new PilotCard(options.name, (name) => {
  storeName(name);
  link.rename(name);
});
const panel = new NetworkPanel(linkQuality, options.showsServer, (isShown) => {
  scene.showsServer = isShown;
});
bindChatBox((text) => link.chat(text));
bindTouchControls(input);
bindSoundButton();
messages.showHelp(hasTouch(), HELP_MS);
window.addEventListener('keydown', (event) => {
  if (event.code === 'KeyN' && !isTyping(event.target)) panel.toggle();
});
exposeForTests({ link, scene, picture, standings: () => standings });
requestAnimationFrame(frame);

let scoresAtMs = 0;
let panelAtMs = 0;

function frame(nowMs: number): void {
  requestAnimationFrame(frame);
  scene.meter.begin(performance.now());
  link.frame(nowMs, picture);
  scene.draw(picture, nowMs);
  card.showShip(picture.own);
  messages.setBanner(link.trouble);
  if (nowMs >= scoresAtMs) {
    scoresAtMs = nowMs + SCORES_EVERY_MS;
    standings = link.standings();
    scoreboard.show(standings);
    card.showStanding(standings);
  }
  if (nowMs >= panelAtMs) {
    panelAtMs = nowMs + PANEL_EVERY_MS;
    showPanel();
  }
  scene.meter.end(performance.now());
}

function showPanel(): void {
  const { stats, state } = link;
  panel.show({
    state,
    rttMs: stats?.rttMs ?? 0,
    jitterMs: stats?.jitterMs ?? 0,
    playoutDelayMs: stats?.playoutDelayMs ?? 0,
    bytesInPerSecond: stats?.bytesInPerSecond ?? 0,
    bytesOutPerSecond: stats?.bytesOutPerSecond ?? 0,
    snapshotBytes: stats?.snapshotBytes ?? 0,
    corrections: stats?.corrections ?? 0,
    entities: stats?.entities ?? 0,
    costP95Ms: scene.meter.costP95Ms,
    framesPerSecond: scene.meter.framesPerSecond(),
    drawCalls: scene.meter.drawCalls,
    quality: scene.quality.level.name,
  });
}

function showKill({ killer, victim, killerName, victimName, hasBounty }: KillNotice): void {
  const own = link.ownPilot;
  const isOwn = killer === own || victim === own;
  messages.kill(
    { name: killerName, style: styleOfPilot(killer) },
    { name: victimName, style: styleOfPilot(victim) },
    isOwn,
  );
  if (victim === own) messages.announce('Destroyed', `by ${killerName}. Back in a moment`, true, 2200);
  else if (killer === own)
    messages.announce(`${victimName} destroyed`, hasBounty ? '+15 with the bounty' : '+10', false, 1600);
}

function distanceTo(x: number, y: number): number {
  return Math.hypot(x - scene.camera.x, y - scene.camera.y);
}

function playUrl(): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/play`;
}

function bindSoundButton(): void {
  const button = findElement('sound', HTMLButtonElement);
  const show = () => {
    button.setAttribute('aria-pressed', String(sound.isOn));
    const [label] = button.childNodes;
    if (label) label.textContent = sound.isOn ? 'Sound on ' : 'Sound off ';
  };
  const toggle = () => {
    sound.toggle();
    show();
    button.blur();
  };
  button.addEventListener('click', toggle);
  window.addEventListener('keydown', (event) => {
    if (event.code === 'KeyM' && !isTyping(event.target)) toggle();
  });
  show();
}
