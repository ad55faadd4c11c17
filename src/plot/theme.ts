/**
 * Colours and type of a picture's frame, text and lines.
 */
import { type Rgb, type SpecialColours, specialColours } from './colormaps.js';

export type ThemeName = 'light' | 'dark' | 'transparent' | 'transparent-dark';

export interface Theme {
  /** Background; null leaves it transparent. */
  readonly paper: string | null;
  readonly ink: string;
  /** Tick labels, captions. */
  readonly muted: string;
  readonly frame: string;
  readonly special: SpecialColours;
  /** What it is meant to lie on, paper or slide; also the tint of points that are not computed yet. */
  readonly ground: Rgb;
}

const light: Theme = {
  paper: '#ffffff',
  ink: '#16191f',
  muted: '#4d5560',
  frame: '#3a414b',
  special: specialColours.light,
  ground: [255, 255, 255],
};

const dark: Theme = {
  paper: '#14171c',
  ink: '#eef0f4',
  muted: '#aab2be',
  frame: '#8b94a1',
  special: specialColours.dark,
  ground: [20, 23, 28],
};

/** `transparent` is for light slides, `transparent-dark` for dark ones. */
export const themes: Readonly<Record<ThemeName, Theme>> = {
  light,
  dark,
  transparent: { ...light, paper: null },
  'transparent-dark': { ...dark, paper: null },
};

/** The machine's own interface font; its figures are tabular on every common system. */
export const fontFamily = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** A canvas font of `size` picture units. */
export function font(size: number, weight: 400 | 600 = 400): string {
  return `${weight} ${size}px ${fontFamily}`;
}

/** What drawing functions share: colours, the base size of text in picture units, and the size of a device pixel. */
export interface Style {
  readonly theme: Theme;
  /** Size of body text; everything else is a multiple of it. */
  readonly em: number;
  /** Device pixels per picture unit. */
  readonly scale: number;
}

/** Sizes of text as multiples of the base size. */
export const textSize = { title: 1.5, panel: 1.2, label: 1, tick: 0.92, note: 0.88, contour: 0.76 } as const;
