/** What the server says of one series over a span; times in ms since 1970. */
export interface Line { value: number; text: string; colour: string }
export interface Band { from: number; to: number; open: boolean; colour: string; why: string; muted: string }
export interface Chart {
  element: string; name: string; unit: string; kind: 'increment' | 'gauge' | 'counter'; decimals: number;
  step: 'raw' | 'ten' | 'hour' | 'day'; width: number; silence: number; start: number; end: number; now: number;
  at: number[]; value: (number | null)[]; low: (number | null)[]; high: (number | null)[]; doubt: number[];
  sums: number[]; window: number; lines: Line[]; sum_lines: Line[]; words: Record<string, string>; signals: Band[];
}

/** Raw: a quality code other than 0; rolled up: minus how many values of the step were doubtful. */
export const doubted = (chart: Chart, i: number): boolean => chart.step === 'raw' && (chart.doubt[i] ?? 0) !== 0;
export const figure = (value: number | null | undefined, decimals: number): string =>
  value === null || value === undefined ? '–' : value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
/** Small things a step may hold besides its value. */
export const inStep = (chart: Chart, i: number): number => (chart.step === 'raw' ? 0 : -(chart.doubt[i] ?? 0));
