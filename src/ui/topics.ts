/** The groups of settings, each with an explanation (explanations.ts). */
export const topics = {
  networks: 'Networks',
  data: 'Data',
  directions: 'Directions',
  grid: 'Grid',
  show: 'Show',
  plateaus: 'Plateaus',
  engine: 'Engine',
} as const;

export type Topic = keyof typeof topics;
