const probe = document.createElement('i');
probe.hidden = true;
document.body.append(probe);

/** The resolved value of a colour token in the page's present theme, as rgb() text the map understands. */
export function colour(token: string): string {
  probe.style.color = `var(--${token})`;
  return getComputedStyle(probe).color;
}

export const WARNING = ['blue', 'yellow', 'orange', 'red'] as const;
export const RAIN_STEPS: Record<string, number[]> = {
  rain_1h: [0.1, 5, 10, 20, 50, 100],
  rain_3h: [0.1, 10, 25, 50, 100, 150],
  rain_24h: [0.1, 10, 25, 50, 100, 250],
};
export type RainWindow = keyof typeof RAIN_STEPS & string;
