/** One line of the scoreboard. */
export interface Standing {
  readonly pilot: number;
  readonly name: string;
  readonly style: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
  readonly isSelf: boolean;
  readonly isBot: boolean;
}
