/** When something was to be seen first; what is not needed for it can wait until then. */

/** Name of the performance mark that says when. */
const FIRST_PICTURE = 'isoloss-first-picture';
/** Milliseconds after which nobody waits for it any longer. */
export const PATIENCE = 250;

let tell: () => void;
const shown = new Promise<void>((resolve) => (tell = resolve));

/** The picture is on the canvas. */
export function noteFirstPicture(): void {
  performance.mark(FIRST_PICTURE);
  tell();
}

/** Resolves after the first picture, or when that takes longer than so many milliseconds. */
export async function afterFirstPicture(patience = PATIENCE): Promise<void> {
  await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, patience))]);
}
